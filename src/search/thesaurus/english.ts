/** Groups of English words that mean nearly the same at work: one group a line, words in base form separated by spaces. */
export const english = `
invoice bill
vendor supplier
pay paid payment settle settlement remit remittance disburse
payable owe owing
receivable collection dunning
overdue delinquent unpaid arrears
debt loan borrowing indebtedness
reconcile reconciliation match
ledger bookkeeping
accountant bookkeeper
expense expenditure spending outlay
spend spent expend
reimburse reimbursement repay refund
receipt voucher
budget allocation
profit earnings
margin profitability
revenue turnover income proceeds takings
loss deficit shortfall
surplus excess
money cash funds
cashflow liquidity
depreciation amortization writedown
equity share stock
shareholder stockholder investor
dividend payout
auditor examiner
fiscal financial monetary
finance financing funding
quarter quarterly
annual yearly
price cost rate
fee charge levy tariff
quote quotation offer
discount rebate markdown
cheap inexpensive affordable economical
expensive costly pricey
valuation appraisal
deposit prepayment downpayment
creditworthiness solvency
bankrupt bankruptcy insolvent insolvency
lend lent loan
lender creditor
borrower debtor
mortgage loan
collateral pledge surety
investor backer financier
portfolio holding
broker intermediary
bond debenture
currency forex fx
treasury treasurer
merge merger fusion amalgamation
acquisition takeover buyout
accrual accrue
variance deviation
filing submission
buy bought purchase procure procurement acquire
buyer purchaser
procurement sourcing purchasing
tender bid rfp solicitation
requisition request
negotiate negotiation bargain haggle
tax taxation duty levy
vat gst
withhold withholding deduct
deduct deduction subtract
customs duty
teller cashier
account acct
transfer wire remit
transaction payment
cheque check
chargeback dispute
fraud scam swindle deception fraudulent
fraudster scammer crook
launder laundering aml
suspicious dubious questionable fishy
anomaly outlier irregularity abnormality
abnormal unusual irregular anomalous strange
sanction embargo
payee beneficiary recipient
inherit inheritance heir
crypto bitcoin cryptocurrency
insurance cover coverage assurance
insure underwrite underwriting
policyholder insured
adjuster assessor appraiser
damage harm
accident crash collision
risk hazard danger exposure peril
risky dangerous hazardous unsafe
safe secure
boss manager supervisor superior
executive director officer
leadership management
worker employee staff colleague personnel workforce
coworker colleague teammate
team crew squad
department division
hr personnel
salary wage pay compensation remuneration
payroll salary wage
payslip paystub
bonus incentive premium
raise increase
benefit perk
pension retirement annuity
pensioner retiree
holiday vacation leave pto
absence absent leave absenteeism
sick ill unwell
maternity parental paternity
timesheet attendance
roster rota shift schedule
hire recruit recruitment employ staffing
recruiter headhunter
candidate applicant jobseeker
resume cv curriculum
job position role vacancy
vacancy opening
career profession occupation
apply application
screen shortlist preselect
dismiss terminate sack layoff dismissal termination
resign resignation quit
attrition churn turnover
retain retention keep
onboarding induction orientation
newcomer joiner starter
offboarding leaver
appraisal review evaluation
skill competence competency ability
expertise knowhow proficiency
expert specialist professional
intern trainee apprentice
internship apprenticeship traineeship
freelancer contractor
grievance complaint
harassment bullying
bias prejudice
union labor
labor labour
mood morale
wellbeing wellness
train teach taught educate instruct coach
training course class
learn learnt study
student pupil learner trainee
teacher instructor trainer tutor educator
mentor coach
education schooling learning
school academy
college university
exam test quiz
syllabus curriculum
certificate certification credential diploma
tutorial guide howto
computer pc workstation
laptop notebook
smartphone phone mobile cellphone handset
screen monitor display
device gadget appliance
hardware equipment
headset headphone
camera webcam
printer printing
memory ram
processor cpu chip
chip semiconductor
install installation setup
uninstall remove
upgrade update
patch hotfix
configure configuration setup settings
setting preference
deploy deployment rollout release
reboot restart
boot startup
helpdesk servicedesk
ticket incident case
outage downtime disruption
crash hang freeze
slow sluggish
fast quick rapid speedy
latency delay lag
broken defective faulty damaged
broke broken break
failure breakdown malfunction fault
error mistake
bug defect flaw fault
error bug
mistake slip blunder
troubleshoot diagnose debug
diagnose diagnosis diagnostic
fix repair mend resolve remedy
correct rectify fix amend
solve resolve solution
workaround bypass
triage prioritize
prioritize rank
urgent pressing emergency immediate
critical crucial vital essential
severity urgency priority
monitor watch observe track
observability monitoring telemetry
alarm alert
metric kpi indicator
dashboard cockpit scoreboard
availability uptime
capacity workload
server host
backup copy
restore recover recovery
licence license
subscription membership
protect protection safeguard shield
secure protect
attack intrusion
breach leak compromise
hacker attacker intruder
malware virus ransomware trojan
phishing spoof scam
vulnerability weakness cve
pentest penetration
password passphrase passcode credential
login logon signin
authenticate authentication login
mfa otp
authorize authorization permission
permission right access privilege
access entitlement
allow permit let
forbid prohibit ban disallow
block deny refuse
revoke withdraw rescind
identity iam
admin administrator
encrypt encryption cipher cryptography
forensic investigation
investigate investigation probe
isolate quarantine
internet web online
website site webpage homepage
wifi wireless wlan
bandwidth throughput
connect connection link connectivity
telephony phone voip
telecom telecommunication
software application program app
programming coding
developer programmer coder
develop program
repository repo codebase
pr pullrequest
refactor refactoring restructure cleanup
library package dependency
framework toolkit
algorithm procedure
api endpoint interface
frontend ui gui
backend server
plugin extension addon
bot chatbot assistant
assistant helper aide
automate automation automatic
manual handbook guide
specification spec requirement
feature functionality capability
prototype mockup wireframe
architecture design
migrate migration move
legacy obsolete outdated deprecated
modernize upgrade
backlog queue
milestone deadline
deadline due
estimate estimation approximate
tester qa
testing qa
optimize optimization tune improve
improve improvement enhance enhancement better
flaky unstable intermittent
stable reliable robust
reliability dependability
resilience robustness
accessibility wcag
benchmark compare
database db sql
query sql
spreadsheet excel xlsx sheet
duplicate dedupe deduplicate
cleanse clean cleanup cleaning
convert conversion transform
lineage provenance
cloud aws azure gcp
container docker kubernetes
vm virtual
terraform iac
devops cicd
workflow pipeline
orchestrate coordinate
statistics statistical stats
mean average median
percent percentage ratio
ratio proportion
correlation relationship association
cause reason
effect impact consequence influence
predict forecast project anticipate prediction foresee
prognosis outlook forecast
trend tendency
classify classification categorize categorization
category class type kind
annotate annotation label
calculate compute calculation
count number tally
sum total
amount quantity
increase rise growth grow
decrease decline drop reduce fall
reduce reduction lower cut lessen minimize
peak maximum
chart graph plot diagram
visualize visualization chart plot
image picture photo photograph
diagram flowchart drawing
analyze analyse analysis analytics
ml learning
ai artificial
llm gpt
chat conversation dialogue
detect detection spot discover
recognize recognition identify
speech voice spoken
transcribe transcription transcript
ocr scan
scan digitize
video clip film movie
audio sound
embedding vector
experiment trial
hypothesis assumption
survey questionnaire poll
participant attendee respondent
sample specimen
research investigation study
researcher scientist
paper article publication
literature publication
cite citation reference
bibliography references
invention innovation
laboratory lab
chemistry chemical
molecule compound
gene genetic genomic dna
formula equation
formula recipe
math mathematics mathematical
sell sold sale
seller salesperson salesman rep
crm customer
customer client buyer consumer
consumer shopper
quota target
goal objective target aim
region district
reseller distributor dealer
retailer shopkeeper
store shop outlet
marketing advertising promotion
advertise advertisement ad commercial
campaign promotion
brand trademark
slogan tagline
audience readership viewer
competitor rival competition
newsletter bulletin mailing
seo ranking
visitor guest
influencer blogger
event conference
conference congress convention summit
exhibition fair tradeshow expo
webinar seminar workshop
satisfaction csat nps
satisfied happy
unhappy dissatisfied angry upset
feedback opinion review
sentiment mood opinion emotion
emotion feeling
help assist aid support assistance
callcenter hotline
call phone telephone
complain complaint
apologize apology sorry
refund moneyback
replace replacement substitute swap
warranty guarantee
answer reply respond response
question inquiry enquiry
ask inquire enquire request
faq question
knowledgebase wiki
legal law juridical
lawyer attorney solicitor counsel
law statute legislation act
rule regulation
regulation regulatory directive
regulator authority
policy guideline
guideline instruction directive
compliance compliant conformity
comply adhere conform
violate violation breach infringe infringement
court tribunal
lawsuit litigation suit
sue lawsuit
verdict judgment ruling
dispute conflict disagreement
mediate mediation arbitration
contract agreement
clause provision
nda confidentiality
sign signature esign
notary notarize
evidence proof
liable liability
penalty fine
punish penalty
illegal unlawful
crime offence felony
copyright ip
patent ip
governance oversight
supervise supervision oversee oversight
bribe bribery corruption
ethics ethical moral
privacy confidentiality gdpr
confidential secret private sensitive
pii personal
anonymize pseudonymize anonymous
redact mask blacken
hide hid conceal
consent permission
delete remove erase erasure wipe
disclose disclosure reveal
esg sustainability
sustainable sustainability green
doctor physician clinician medic
nurse caregiver carer
surgery surgeon
hospital clinic infirmary
clinical medical
medical health healthcare
drug medicine medication pharmaceutical
pill tablet capsule
dose dosage dosing
prescription prescribe
pharmacy pharmacist
pharma pharmaceutical
vaccine vaccination immunization vaccinate
symptom sign
disease illness sickness disorder ailment
infection infectious contagion
cancer tumor oncology
heart cardiac cardiology cardiovascular
skin dermatology
eye ophthalmology
kidney renal
lung pulmonary respiratory
brain neurology neurological
bone orthopedic
tooth teeth dental dentist
child children pediatric kid
baby infant newborn
pregnant pregnancy
mental psychological psychiatric
therapist psychologist counselor
therapy treatment
allergy allergic
diabetes diabetic glucose
pain ache
injury wound
emergency ambulance
xray radiology radiograph
radiology mri imaging
ehr emr
referral refer
adverse sideeffect
pharmacovigilance adverse
diet nutrition
fitness exercise
animal pet veterinary vet
logistics transport
transport transportation haul haulage
lorry truck
car vehicle automobile
driver chauffeur
drive drove
ship dispatch send
shipment consignment delivery
shipping freight
freight cargo
vessel ship boat
parcel package packet
package packaging pack
deliver delivery bring
courier messenger
carrier haulier forwarder
route routing path
fuel petrol gasoline diesel
harbor harbour port
train rail railway
incoming inbound
outgoing outbound
eta arrival
depart departure
delay late postponed
trace track locate
find found locate
warehouse depot storehouse
inventory stock
shortage scarcity stockout
replenish replenishment restock reorder
pallet crate
shelf rack
barcode qr
demand need
manufacture manufacturing produce production fabrication
factory plant
manufacturer producer maker
machine equipment machinery
part component
cnc machining
blueprint drawing
cad drawing
downtime standstill stoppage
bottleneck constraint
efficiency productivity
shopfloor factory
quality qa
defect imperfection flaw
nonconformity deviation
recall withdrawal
measure measurement gauge
sensor probe detector
iot sensor
maintenance upkeep servicing
maintain maintenance
preventive prophylactic predictive
prevent prevention avoid avert
technician mechanic repairman
overhaul refurbish recondition
lubricate oil grease
temperature heat
engine motor
elevator lift
heating boiler hvac
cooling aircon airconditioning hvac
energy power electricity
consumption usage
usage utilization use
solar photovoltaic pv
battery accumulator
emission carbon greenhouse
carbon footprint
environment environmental ecology ecological
waste garbage rubbish trash
recycle recycling reuse
pollution contamination
oil petroleum
nuclear atomic
weather meteorology meteorological
estate property
flat apartment
house home
building premises
landlord lessor
tenant renter lessee
rent rental lease
office workplace
facility building
cleaner janitor
construct construction build
renovate renovation refurbish
plumber plumbing
electrician electrical
furniture furnishing
travel trip journey
traveller traveler passenger
hotel accommodation lodging
flight plane airplane aircraft
fly flew flight
airline carrier
book reserve booking reservation
rebook reschedule
itinerary trip
luggage baggage
tourist tourism
taxi cab
restaurant diner
chef cook
meal lunch dinner
food meal
catering food
drink beverage
ingredient component
grocery supermarket
farm farmer agriculture agricultural
crop harvest
livestock cattle
product article item goods
goods merchandise ware
catalog catalogue
assortment range merchandising
basket cart
shopping buy
order purchase
ecommerce webshop
checkout cashier till
coupon voucher promotion
clothes clothing apparel garment
fashion apparel
size dimension
recommend recommendation suggest suggestion
advise advice consult
adviser advisor consultant
news headline
newspaper press media
journalist reporter
editor editorial
subtitle caption
author writer
document file paper
documentation docs
letter correspondence
write wrote written compose draft author
draft outline
edit revise
proofread proofreading spelling
grammar spelling
rephrase reword paraphrase rewrite
shorten summarize condense abridge summarise
summary abstract digest synopsis recap
summarize summary
brief short
extend extension prolong
presentation slide powerpoint deck
paragraph section
glossary terminology dictionary
minutes protocol
note memo memorandum
attachment enclosure
translator interpreter
language tongue
multilingual bilingual
localize localization localisation
foreign abroad
calendar diary
appointment meeting
meet met meeting
agenda topic
schedule timetable plan
postpone reschedule defer delay
attend participate
remind reminder nudge
future upcoming
recurring repeat
email mail
mailbox inbox
message sms
send sent dispatch
forward relay
speak spoke talk
talk conversation
tell told inform
announce announcement notice
warn warning alert notify
notify notification inform
discuss discussion debate
explain explanation clarify clarification
describe description
define definition
collaborate collaboration cooperate cooperation
check verify validate inspect examine audit
verify verification validate validation confirm
approve approval authorize signoff
reject rejection decline refuse
decide decision
choose chose choice select selection pick
alternative substitute
compare comparison contrast
difference differ discrepancy
discrepancy mismatch inconsistency
search find lookup seek
retrieve retrieval fetch
crawl scrape
collect gather
generate generation create
design designer graphic
draw sketch
assess assessment evaluate evaluation
strategy strategic
start begin began launch
finish complete end
pause suspend
change alter modify
adapt adjust adjustment
customize customise tailor personalize
expire expiry expiration
combine merge join
register registration enroll enrollment signup
transmit send
simplify simplification
accelerate speed
problem issue trouble
trouble difficulty
easy simple
wrong incorrect false
correct right accurate
accuracy precision
accurate precise exact
fake counterfeit forged
recent latest
company firm business enterprise corporation
organization organisation
subsidiary affiliate
headquarters hq
startup venture
founder entrepreneur
owner proprietor
industry sector
charity nonprofit ngo
government public
citizen resident
authority agency
municipal municipality city town
country nation
address location
nearby near
postcode zip
project initiative
task todo
responsible accountable
responsibility duty
elderly senior
disabled disability handicap
military defense
disaster catastrophe
theft steal stolen
guard security
surveillance cctv
drone uav
geographic geospatial gis map
gps location
traffic congestion jam
bicycle bike
`;
