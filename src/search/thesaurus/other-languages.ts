/** An English word, then the same in German, French, Spanish, Italian, Portuguese, Dutch, Chinese and Japanese: one meaning a line. */
export const otherLanguages = `
invoice rechnung rechnungen facture factures factura facturas fattura fatture fatura faturas factuur facturen 发票 請求
payment zahlung zahlungen paiement paiements pago pagos pagamento pagamenti pagamentos betaling betalingen 付款 支付 支払い 支払
pay bezahlen zahlen bezahle payer paie pagar pago pagare betalen betaal 付款 支付 払う 支払う
supplier lieferant lieferanten fournisseur fournisseurs proveedor proveedores fornitore fornitori fornecedor fornecedores leverancier leveranciers サプライヤー
accounting buchhaltung buchführung comptabilité contabilidad contabilità contabilidade boekhouding 会计 会計 経理
account konto konten compte comptes cuenta cuentas conto conti conta contas rekening 账户 帐户 口座
balance saldo saldi 残高
budget haushalt budgets presupuesto presupuestos bilancio orçamento begroting 预算 予算
cost kosten coût coûts costo costos coste costes costi custo custos 成本 费用 費用 コスト
expense ausgabe ausgaben spesen dépense dépenses frais gasto gastos spesa spese despesa despesas uitgave uitgaven onkosten 支出 报销 経費
receipt beleg belege quittung reçu reçus recibo recibos ricevuta ricevute bon bonnetje 收据 領収
reimburse erstatten erstattung rembourser remboursement reembolsar reembolso rimborsare rimborso vergoeden vergoeding 报销 精算
profit gewinn gewinne bénéfice bénéfices beneficio beneficios ganancia profitto profitti lucro lucros winst 利润 利益
loss verlust verluste perte pertes pérdida pérdidas perdita perdite perda perdas verlies verliezen 亏损 損失
revenue umsatz umsätze erlös revenu ingresos fatturato ricavi receita receitas omzet 收入 売上
tax steuer steuern impôt impôts taxe taxes impuesto impuestos imposta imposte tassa tasse imposto impostos belasting belastingen 税 税务 税金
price preis preise prix precio precios prezzo prezzi preço preços prijs prijzen 价格 価格 値段
discount rabatt rabatte remise remises descuento descuentos sconto sconti desconto descontos korting 折扣 割引
quotation angebot angebote devis presupuesto cotización preventivo cotação orçamento offerte 报价 見積 見積もり
money geld argent dinero denaro soldi dinheiro 钱 资金 お金
cash bargeld espèces efectivo contanti contante 现金 現金
bank banken banque banques banco bancos banca banche 银行 銀行
transfer überweisung überweisungen virement virements transferencia transferencias bonifico bonifici transferência overschrijving 转账 振込 送金
transaction transaktion transaktionen transacción transacciones transazione transazioni transação transações transactie transacties 交易 取引
loan kredit kredite darlehen prêt prêts préstamo préstamos prestito prestiti empréstimo empréstimos lening leningen 贷款 融資 ローン
debt schuld schulden dette dettes deuda deudas debito debiti dívida dívidas 债务 債務 借金
interest zins zinsen intérêt intérêts intereses interesse interessi juros 利息 利率 金利
currency währung währungen devise devises moneda monedas divisa valuta valute moeda moedas 货币 通貨
exchange umtausch wechselkurs échange cambio cambiar cambi câmbio wisselkoers 汇率 兑换 両替 為替
investment investition investitionen geldanlage investissement investissements inversión inversiones investimento investimenti investimentos investering investeringen 投资 投資
stock aktie aktien acción acciones azione azioni ação ações aandeel aandelen 股票 株式 株
fraud betrug fraude fraudes frode frodi 欺诈 诈骗 詐欺 不正
audit prüfung auditoría verifica revisione auditoria 审计 監査
finance finanzen finanz finanzas finanza finanças financiën 财务 金融 財務
insurance versicherung versicherungen assurance assurances seguro seguros assicurazione assicurazioni verzekering verzekeringen 保险 保険
claim schadensfall schadenmeldung sinistre sinistres siniestro siniestros sinistro sinistri sinistros schadeclaim 索赔 請求
damage schaden schäden dommage dommages dégât dégâts daño daños danno danni dano danos schade 损坏 损害 損害
accident unfall unfälle accidents accidente accidentes incidente incidenti acidente acidentes ongeval ongevallen 事故
risk risiko risiken risque risques riesgo riesgos rischio rischi risco riscos risico 风险 リスク
employee mitarbeiter mitarbeiterin angestellte employé employés salarié salariés empleado empleados dipendente dipendenti funcionário funcionários medewerker medewerkers 员工 雇员 従業 社員
manager vorgesetzter gerente gestor capo leidinggevende 经理 主管 上司 マネージャー
team equipo equipos squadra 团队 チーム
department abteilung abteilungen département departamento departamentos reparto afdeling afdelingen 部门 部門 部署
personnel personale pessoal personeel 人事 人员
salary gehalt gehälter lohn löhne salaire salaires salario salarios sueldo stipendio stipendi salário salários salaris loon 工资 薪水 給与 給料
payroll gehaltsabrechnung lohnabrechnung paie nómina nóminas paghe folha loonadministratie 給与
bonus prämie prämien bono premio prêmio 奖金 賞与 ボーナス
vacation urlaub ferien congé congés vacaciones ferie vacanze férias vakantie verlof 休假 假期 年假 休暇 有給
absence abwesenheit fehlzeit ausencia ausencias assenza assenze ausência ausências afwezigheid verzuim 缺勤 欠勤 不在
sick krank malade enfermo malato doente ziek 生病 病気
pension renten retraite pensión pensione pensioni aposentadoria pensioen 养老 年金
job stelle stellen arbeitsplatz emploi emplois empleo empleos trabajo lavoro emprego empregos baan banen 工作 职位 仕事 求人
candidate kandidat kandidaten bewerber candidat candidats candidato candidatos candidati sollicitant 候选 应聘 候補 応募
application bewerbung bewerbungen candidature candidatures solicitud candidatura candidaturas sollicitatie sollicitaties 申请 应聘 応募 申請
resume lebenslauf lebensläufe currículum curriculum currículo cv 简历 履歴
recruitment personalbeschaffung rekrutierung recrutement contratación reclutamiento reclutamento assunzione recrutamento werving 招聘 採用
hire einstellen embaucher recruter contratar assumere aannemen 雇用 聘用 招聘 雇う 採用
interview vorstellungsgespräch entretien entretiens entrevista entrevistas colloquio colloqui sollicitatiegesprek 面试 面接
dismissal kündigung entlassung licenciement despido licenziamento demissão ontslag 解雇
onboarding einarbeitung incorporación inserimento integração inwerken 入社
skill fähigkeit fähigkeiten kompetenz compétence compétences habilidad habilidades competencia competenza competenze habilidade vaardigheid vaardigheden 技能 スキル
training schulung schulungen weiterbildung formación capacitación formazione treinamento formação opleiding 培训 研修
course kurs kurse cours curso cursos corso corsi cursus 课程 コース 講座
learn lernen lerne apprendre aprender imparare leren 学习 学ぶ 学習
teacher lehrer lehrerin enseignant professeur profesor maestro insegnante professor leraar docent 老师 教师 教師 先生
student schüler studenten étudiant étudiants estudiante estudiantes alumno studente studenti estudante aluno leerling 学生 生徒
exam klausur examen examens exámenes esame esami exame exames 考试 試験
certificate zertifikat zertifikate zeugnis certificat certificats certificado certificados certificato certificati certificaat 证书 証明書
computer rechner ordinateur ordinateurs ordenador computadora computador 电脑 コンピューター パソコン
laptop notebook portátil portatile
phone telefon handy téléphone teléfono telefono telefone telefoon 电话 手机 電話 携帯
printer drucker imprimante imprimantes impresora impresoras stampante stampanti impressora impressoras 打印 プリンター
screen bildschirm bildschirme écran écrans pantalla pantallas schermo schermi tela scherm 屏幕 画面
device gerät geräte appareil appareils dispositivo dispositivos dispositivi apparaat apparaten 设备 機器 デバイス
server serveur serveurs servidor servidores サーバー サーバ
network netzwerk netzwerke netz réseau réseaux redes rete reti rede netwerk netwerken 网络 ネットワーク
internet netz toile インターネット
website webseite webseiten web sito siti 网站 ウェブサイト サイト
cloud nuage nube nuvola nuvem 云
database datenbank datenbanken bdd databases datenbasis データベース
data daten données datos dati dados gegevens 数据 データ
table tabelle tabellen tableau tableaux tabla tablas tabella tabela tabelas tabel 表格 表 テーブル
spreadsheet tabellenkalkulation tableur planilla foglio planilha rekenblad 表格 スプレッドシート
backup sicherung datensicherung sauvegarde sauvegardes respaldo salvataggio cópia reservekopie 备份 バックアップ
software programm logiciel logiciels programa programas programma 软件 ソフトウェア ソフト
application anwendung anwendungen app aplicación aplicaciones applicazione applicazioni aplicativo aplicação toepassing 应用 アプリ アプリケーション
install installieren installation installer instalar installare installeren 安装 インストール
update aktualisieren aktualisierung actualiser actualizar actualización aggiornare aggiornamento atualizar atualização bijwerken 更新 升级 アップデート
configure konfigurieren konfiguration einrichten configurer configurar configuración configurare configuração configureren instellen 配置 设置 設定
deploy bereitstellen bereitstellung déployer déploiement desplegar despliegue distribuire implantar implantação uitrollen 部署 デプロイ 展開
password passwort passwörter kennwort contraseña contraseñas senha senhas wachtwoord wachtwoorden 密码 パスワード
login anmeldung anmelden connexion accesso acceso inloggen aanmelden 登录 ログイン
user benutzer nutzer utilisateur utilisateurs usuario usuarios utente utenti usuário usuários utilizador gebruiker gebruikers 用户 ユーザー
access zugriff zugang zugriffe accès acceso accesos accesso accessi acesso acessos toegang 访问 权限 アクセス
permission berechtigung berechtigungen erlaubnis autorisation permiso permisos permesso permessi permissão permissões toestemming machtiging 权限 许可 権限 許可
security sicherheit sécurité seguridad sicurezza segurança beveiliging veiligheid 安全 セキュリティ
attack angriff angriffe attaque attaques ataque ataques attacco attacchi aanval aanvallen 攻击 攻撃
vulnerability schwachstelle schwachstellen sicherheitslücke vulnérabilité vulnérabilités vulnerabilidad vulnerabilidades vulnerabilità vulnerabilidade kwetsbaarheid kwetsbaarheden 漏洞 脆弱
threat bedrohung bedrohungen menace menaces amenaza amenazas minaccia minacce ameaça ameaças dreiging 威胁 脅威
encryption verschlüsselung verschlüsseln chiffrement cifrado crittografia criptografia versleuteling 加密 暗号
virus schadsoftware malware viren 病毒 ウイルス
error fehler erreur erreurs errores errore errori erro erros fout fouten 错误 エラー 誤り
bug defekt fehler 缺陷 バグ
problem problème problèmes problema problemas problemi probleem problemen 问题 問題
incident störung störungen vorfall vorfälle incidents incidente incidentes incidenti incidenten 事件 故障 インシデント 障害
outage ausfall ausfälle panne pannes interrupción caída interruzione interrupção uitval 中断 停止 障害
repair reparieren reparatur repariere réparer réparation reparar reparación riparare riparazione reparação reparo repareren reparatie 修理 维修 修复 修復 直す
fix beheben behebe korrigieren corriger corrige corregir arreglar correggere corrigir consertar oplossen 修复 修正
solve lösen löse résoudre resolver risolvere oplossen 解决 解決
solution lösung lösungen solutions solución soluciones soluzione soluzioni solução soluções oplossing oplossingen 解决 解決
ticket tickets チケット
support unterstützung unterstützen soutien assistance soporte ayuda supporto assistenza suporte ondersteuning 支持 サポート
help hilfe hilf helfen aide aider aidez ayuda ayudar aiuto aiutare aiutami ajuda ajudar hulp helpen 帮助 帮 助け 助ける 手伝う
test testen prüfung tests essai tester prueba pruebas probar prova testare teste testes testar toets 测试 テスト 試験
code quellcode quelltext código codice broncode 代码 コード
programming programmierung programmieren programmation programmer programación programar programmazione programmare programação programmeren プログラミング
developer entwickler développeur développeurs desarrollador desarrolladores sviluppatore sviluppatori desenvolvedor desenvolvedores ontwikkelaar ontwikkelaars 开发 開発
develop entwickeln entwicklung développer développement desarrollar desarrollo sviluppare sviluppo desenvolver desenvolvimento ontwikkelen ontwikkeling 开发 開発
interface schnittstelle schnittstellen interfaz interfaces interfaccia 接口 界面 インターフェース
requirement anforderung anforderungen exigence exigences requisito requisitos requisiti vereiste vereisten 需求 要求 要件
automation automatisierung automatisieren automatisation automatiser automatización automatizar automazione automatizzare automação automatisering automatiseren 自动 自動
monitor überwachen überwachung surveiller surveillance supervisar vigilar monitorear monitorare monitoraggio monitorar bewaken bewaking 監視
alert warnung warnungen alarm alerte alertes alerta alertas avviso avvisi allarme waarschuwing waarschuwingen 警报 告警 警告 アラート
warn warnen warne avertir advertir avvisare avisar waarschuwen 警告
notify benachrichtigen benachrichtigung notifier notification notificar notificación notificare notifica notificação melden melding 通知
analysis analyse analysen analyses análisis analisi análise análises 分析
analyze analysieren analysiere auswerten analyser analizar analiza analizzare analizza analisar analise analyseren 分析
statistics statistik statistiken statistique statistiques estadística estadísticas statistica statistiche estatística estatísticas statistiek statistieken 统计 統計
calculate berechnen berechne rechnen calculer calcul calcular cálculo calcolare calcolo calcule berekenen bereken berekening 计算 計算
forecast prognose prognosen vorhersage prévision prévisions pronóstico pronósticos previsión previsione previsioni previsão previsões voorspelling voorspellingen 预测 予測 予想
predict vorhersagen prognostizieren prédire prévoir predecir prevedere prever voorspellen 预测 予測
trend tendenz tendance tendances tendencia tendencias tendenza tendenze tendência tendências 趋势 傾向 トレンド
chart diagramm diagramme graphique graphiques gráfico gráficos grafico grafici grafiek grafieken 图表 グラフ チャート
image bild bilder images imagen imágenes immagine immagini imagem imagens afbeelding afbeeldingen 图像 图片 画像
photo foto fotos photos fotografía 照片 写真
video videos vidéo vidéos vídeo vídeos 视频 動画 ビデオ
speech sprache voix voz voce spraak 语音 音声
transcribe transkribieren transcrire transcribir trascrivere transcrever transcriberen 转录
classify klassifizieren einordnen classer classifier clasificar classificare classificar classificeren indelen 分类 分類
research forschung recherche recherches investigación ricerca ricerche pesquisa pesquisas onderzoek 研究 調査
study studie studien étude études estudio estudios studi estudo estudos studies 研究
survey umfrage umfragen befragung enquête enquêtes sondage encuesta encuestas sondaggio sondaggi pesquisa 调查 アンケート 調査
sale verkauf verkäufe vertrieb vente ventes venta ventas vendita vendite venda vendas verkoop 销售 販売 営業
sell verkaufen verkaufe vendre vender vendere verkopen 卖 销售 売る 販売
buy kaufen kaufe acheter achète comprar compra comprare kopen koop 购买 买 買う 購入
purchase einkauf beschaffung achat achats compra compras acquisto acquisti aankoop inkoop 采购 購買 購入 調達
customer kunde kunden kundin client clients cliente clientes clienti klant klanten 客户 顾客 顧客 お客様
complaint beschwerde beschwerden reklamation réclamation réclamations plainte queja quejas reclamo reclami reclamação reclamações klacht klachten 投诉 苦情 クレーム
refund rückerstattung erstattung remboursement remboursements reembolso reembolsos rimborso rimborsi terugbetaling 退款 返金
return rücksendung retoure retouren retour retours devolución devoluciones reso resi devolução devoluções 返品
warranty garantie gewährleistung garantía garantías garanzia garantia 保証
order bestellung bestellungen auftrag aufträge pedido pedidos ordine ordini encomenda bestelling bestellingen 订单 注文 発注
product produkt produkte produit produits producto productos prodotto prodotti produto produtos producten 产品 商品 製品
goods ware waren marchandise marchandises mercancía mercancías merce mercadoria mercadorias goederen 货物 商品
contact kontakt kontakte contacter contacto contactos contatto contatti contato contatos 联系 連絡 連絡先
lead interessent interessenten prospect prospects prospecto 线索 リード
opportunity verkaufschance opportunité oportunidad opportunità oportunidade kans 商談
market markt märkte marché marchés mercado mercados mercato mercati markten 市场 市場
marketing vermarktung commercialisation mercadotecnia マーケティング
advertisement werbung anzeige anzeigen publicité publicités publicidad anuncio anuncios pubblicità publicidade propaganda advertentie reclame 广告 広告
campaign kampagne kampagnen campagne campagnes campaña campañas campagna campanha campanhas 活动 キャンペーン
brand marken marque marques marca marcas marchio marchi merk merken 品牌 ブランド
competitor wettbewerber konkurrent konkurrenz competidor competidores concorrente concorrenti concorrentes concurrenten 竞争 競合
newsletter rundbrief infolettre boletín bollettino boletim nieuwsbrief 简报 メルマガ
event veranstaltung veranstaltungen evento eventos eventi evenementen 活动 イベント
feedback rückmeldung rückmeldungen avis retroalimentación riscontro terugkoppeling 反馈 フィードバック
satisfaction zufriedenheit satisfacción soddisfazione satisfação tevredenheid 满意 満足
review bewertung bewertungen évaluation reseña reseñas recensione recensioni avaliação avaliações beoordeling beoordelingen 评论 评价 レビュー 評価
question frage fragen questions pregunta preguntas domanda domande pergunta perguntas vraag vragen 问题 提问 質問
answer antwort antworten beantworten réponse réponses répondre respuesta respuestas responder risposta risposte rispondere resposta respostas antwoord antwoorden 回答 答案 返答 答える
contract vertrag verträge contrat contrats contrato contratos contratto contratti contracten 合同 契约 契約
law gesetz gesetze recht loi lois droit ley leyes derecho legge leggi diritto lei leis direito wetten 法律 法
lawyer anwalt anwälte rechtsanwalt avocat avocats abogado abogados avvocato avvocati advogado advogados advocaat advocaten 律师 弁護士
court gericht gerichte tribunal tribunaux tribunales tribunale tribunali rechtbank 法院 裁判所
lawsuit klage klagen demanda querella causa processo rechtszaak 诉讼 訴訟
clause klausel klauseln clauses cláusula cláusulas clausola clausole clausule 条款 条項
compliance regelkonformität konformität conformité cumplimiento conformità conformidade naleving 遵守
regulation vorschrift vorschriften verordnung réglementation règlement regulación reglamento regolamento normativa regulamento regulamentação regelgeving 法规 规定 規制 規則
policy richtlinie richtlinien politique politiques política políticas politica politiche beleid 政策 策略 方針 ポリシー
signature unterschrift unterschriften firmare assinatura assinaturas handtekening 签名 签字 署名
patent patente brevet brevets patentes brevetto brevetti octrooi 专利 特許
privacy datenschutz confidentialité privacidad riservatezza privacidade gegevensbescherming 隐私 プライバシー
gdpr dsgvo rgpd datenschutz
consent einwilligung zustimmung consentement consentimiento consenso consentimento toestemming 同意
confidential vertraulich confidentiel confidencial riservato vertrouwelijk 机密 保密 機密
delete löschen lösche supprimer effacer eliminar borrar eliminare cancellare excluir apagar verwijderen 删除 削除
patient patienten patientin patients paciente pacientes paziente pazienti patiënt patiënten 患者 病人
doctor arzt ärzte ärztin médecin médecins docteur médico médicos medico medici dottore artsen 医生 医師 医者
nurse pfleger krankenschwester pflegekraft infirmière infirmier enfermera enfermero infermiera infermiere enfermeira enfermeiro verpleegkundige 护士 看護
hospital krankenhaus krankenhäuser klinik hôpital hôpitaux clinique hospitales ospedale ospedali hospitais ziekenhuis ziekenhuizen 医院 病院
medicine medikament medikamente arzneimittel médicament médicaments medicamento medicamentos farmaco farmaci medicina remédio medicijn medicijnen geneesmiddel 药物 药品 薬 医薬品
prescription rezept rezepte ordonnance ordonnances receta recetas ricetta ricette receita recept recepten 处方 処方 処方箋
pharmacy apotheke apotheken pharmacie pharmacies farmacia farmacias farmacie farmácia apotheek 药房 药店 薬局
diagnosis diagnose diagnosen diagnostic diagnóstico diagnosi diagnoses 诊断 診断
symptom symptome symptôme symptômes síntoma síntomas sintomo sintomi sintoma sintomas symptoom symptomen 症状
disease krankheit krankheiten maladie maladies enfermedad enfermedades malattia malattie doença doenças ziekte ziekten 疾病 病気 疾患
treatment behandlung behandlungen therapie traitement traitements tratamiento tratamientos trattamento terapia tratamento behandeling behandelingen 治疗 治療
health gesundheit santé salud salute saúde gezondheid 健康
medical medizinisch médical médico medico gezondheidszorg medisch 医疗 医学 医療
vaccination impfung impfungen vaccin vacuna vacunación vaccino vaccinazione vacina vacinação vaccinatie 疫苗 接种 ワクチン 接種
blood blut sang sangre sangue bloed 血液
surgery chirurgie cirugía chirurgia cirurgia operatie 手术 手術
appointment rendez cita citas appuntamento appuntamenti compromisso consulta afspraak afspraken 预约 予約 約束 terminvereinbarung terminbuchung terminplanung
calendar kalender calendrier calendario calendário agenda 日历 日程 カレンダー
meeting besprechung besprechungen sitzung réunion réunions reunión reuniones riunione riunioni reunião reuniões vergadering vergaderingen 会议 会議 ミーティング
schedule zeitplan zeitpläne planifier planning horario programar programmare pianificare cronograma agendar planen rooster inplannen 安排 日程 スケジュール 予定
deadline frist fristen échéance échéances plazo plazos scadenza scadenze prazo prazos termijn 截止 期限 締切 締め切り
reminder erinnerung erinnerungen rappel rappels recordatorio recordatorios promemoria lembrete lembretes herinnering herinneringen 提醒 リマインダー
remind erinnern erinnere rappeler rappelle recordar ricordare ricordami lembrar herinneren herinner 提醒 知らせる
invite einladen einladung inviter invitation invitar invitación invitare invito convidar convite uitnodigen uitnodiging 邀请 招待
date datum fecha fechas 日期 日付
time zeit uhrzeit heure tiempo hora tempo ora tijd 时间 時間 時刻
flight flug flüge vol vols vuelo vuelos volo voli voo voos vlucht vluchten 机票 フライト 航空
hotel hotels hôtel hôtels hoteles albergo alberghi hotéis 酒店 宾馆 ホテル
booking buchung buchungen réservation réservations reserva reservas prenotazione prenotazioni boeking boekingen reservering 预订 预约 予約
book buchen buche reservieren réserver réserve reservar prenotare prenota boeken boek reserveren 预订 预约 予約
cancel stornieren storniere absagen kündigen annuler annule cancelar anular annullare disdire annuleren opzeggen 取消 キャンセル
travel reise reisen voyage voyages voyager viaje viajes viajar viaggio viaggi viaggiare viagem viagens reis reizen 旅行 差旅 出張
train zug züge bahn tren trenes treno treni trem comboio trein treinen 火车 列车 電車 列車
car wagen voiture voitures coche coches macchina macchine carro carros 汽车 车 車 自動車
vehicle fahrzeug fahrzeuge véhicule véhicules vehículo vehículos veicolo veicoli veículo veículos voertuig voertuigen 车辆 車両
truck lkw lastwagen camion camions camión camiones caminhão caminhões vrachtwagen vrachtwagens 卡车 货车 トラック
airport flughafen flughäfen aéroport aéroports aeropuerto aeropuertos aeroporto aeroporti luchthaven 机场 空港
restaurant restaurants restaurante restaurantes ristorante ristoranti 餐厅 餐馆 レストラン
food essen lebensmittel nourriture aliment aliments comida alimentos cibo alimenti voedsel eten 食品 食物 食べ物
recipe rezept rezepte recette recettes receta recetas ricetta ricette receita receitas recept recepten 食谱 レシピ
weather wetter météo tiempo clima meteo tempo weer 天气 天気
address adresse adressen adresses dirección direcciones indirizzo indirizzi endereço endereços adres 地址 住所
city stadt städte ville villes ciudad ciudades città cidade cidades stad steden 城市 都市
map karte karten landkarte mapa mapas mappa mappe kaart kaarten 地图 地図
shipment sendung sendungen expédition expéditions envío envíos spedizione spedizioni remessa envio zending zendingen 货运 出荷
delivery lieferung lieferungen zustellung livraison livraisons entrega entregas consegna consegne levering leveringen bezorging 交货 送货 配送 納品 配達
deliver liefern liefere livrer entregar consegnare leveren bezorgen 配送 交付 届ける
parcel paket pakete colis paquete paquetes pacco pacchi pacote pacotes pakket pakketten 包裹 荷物 小包
transport transporte transports trasporto trasporti transportes vervoer 运输 輸送 運送
logistics logistik logistique logística logistica logistiek 物流
freight fracht fret flete carga nolo carico frete vracht 货运 貨物
customs zoll zölle douane douanes aduana aduanas dogana dogane alfândega 海关 通関
import importieren einfuhr importation importer importación importar importazione importare importação invoer 进口 导入 輸入
export exportieren ausfuhr exportation exporter exportación exportar esportazione esportare exportação uitvoer 出口 导出 輸出
route strecke routen itinéraire trajet ruta rutas percorso percorsi 路线 ルート 経路
delay verspätung verspätungen verzögerung retard retards retraso retrasos ritardo ritardi atraso atrasos vertraging vertragingen 延误 延迟 遅延 遅れ
track verfolgen sendungsverfolgung suivre suivi rastrear seguimiento tracciare tracciamento rastreamento volgen 跟踪 追踪 追跡
warehouse lager lagerhaus entrepôt entrepôts almacén almacenes magazzino magazzini armazém armazéns magazijn magazijnen 仓库 倉庫
inventory bestand bestände lagerbestand inventur inventaire inventario inventarios scorte inventário estoque voorraad voorraden 库存 在庫
machine maschine maschinen machines máquina máquinas macchina macchine macchinario 机器 機械
maintenance wartung instandhaltung entretien mantenimiento manutenzione manutenção onderhoud 维护 保养 メンテナンス 保守 整備
production produktion fertigung herstellung producción produzione produção productie 生产 生産
manufacturing fertigung fabrication fabricación fabbricazione fabricação vervaardiging 制造 製造
factory fabrik fabriken werk usine usines fábrica fábricas fabbrica fabbriche fabriek fabrieken 工厂 工場
quality qualität qualité calidad qualità qualidade kwaliteit 质量 品質
defect mangel mängel defekt défaut défauts defecto defectos difetto difetti defeito defeitos gebrek 缺陷 欠陥 不良
inspection inspektion inspektionen inspección inspecciones ispezione ispezioni inspeção inspeções inspectie keuring 检查 检验 検査 点検
sensor sensoren capteur capteurs sensores sensore sensori 传感器 センサー
part teil teile bauteil pièce pièces pieza piezas pezzo pezzi componente peça peças onderdeel onderdelen 零件 部件 部品
material materialien werkstoff matériau matériaux materiales materiale materiali materiais materiaal materialen 材料 素材
tool werkzeug werkzeuge outil outils herramienta herramientas strumento strumenti ferramenta ferramentas gereedschap 工具 ツール
robot roboter robots robô robôs ロボット
technician techniker technicien techniciens técnico técnicos tecnico tecnici monteur 技師
engineer ingenieur ingenieure ingénieur ingénieurs ingeniero ingenieros ingegnere ingegneri engenheiro engenheiros ingenieurs エンジニア
energy energie énergie énergies energía energia 能源 能量 エネルギー
electricity strom elektrizität électricité electricidad elettricità eletricidade elektriciteit stroom 电力 电 電気 電力
consumption verbrauch consommation consumo consumi verbruik 消耗 消费 消費
water wasser eau agua acqua água 水
heating heizung heizungen chauffage calefacción riscaldamento aquecimento verwarming 供暖 暖房
emission emissionen émission émissions emisión emisiones emissione emissioni emissão emissões uitstoot 排放 排出
sustainability nachhaltigkeit durabilité sostenibilidad sostenibilità sustentabilidade duurzaamheid 持续 持続
environment umwelt environnement ambiente milieu 环境 環境
waste abfall abfälle müll déchet déchets residuo residuos rifiuto rifiuti resíduo resíduos lixo afval 废物 垃圾 廃棄 ごみ
apartment wohnung wohnungen appartement appartements apartamento apartamentos piso appartamento appartamenti woning woningen 公寓 アパート マンション
house haus häuser maison maisons casa casas huis huizen 房子 房屋 家 住宅
property immobilie immobilien immobilier inmueble inmuebles propiedad immobile immobili imóvel imóveis vastgoed 房地产 物业 不動産
rent miete mieten loyer loyers louer alquiler alquilar affitto affittare aluguel alugar huur huren 租金 租 家賃 賃貸
tenant mieter locataire locataires inquilino inquilinos inquilini huurder huurders 入居 借主
building gebäude bâtiment bâtiments edificio edificios edifici edifício edifícios gebouw gebouwen 建筑 大楼 建物
construction bau bauwesen chantier construcción costruzione edilizia construção bouw 施工 建设 建設 工事
office büro büros bureau bureaux oficina oficinas ufficio uffici escritório escritórios kantoor kantoren 办公 オフィス 事務所
room raum räume zimmer salle salles chambre sala salas habitación stanza stanze quarto kamer kamers 房间 部屋
store laden läden geschäft magasin magasins boutique tienda tiendas negozio negozi loja lojas winkel winkels 商店 店铺 店 店舗
retail einzelhandel minorista dettaglio varejo detailhandel 零售 小売
recommend empfehlen empfehle recommander recommande recomendar raccomandare consigliare aanbevelen 推荐 推薦 おすすめ
recommendation empfehlung empfehlungen recommandation recommandations recomendación recomendaciones raccomandazione raccomandazioni recomendação recomendações aanbeveling aanbevelingen 推荐 推薦 おすすめ
advice beratung ratschlag conseil conseils consejo consejos consiglio consigli consulenza conselho advies 建议 咨询 助言 アドバイス
report bericht berichte rapport rapports reporte relazione rapporto relatório relatórios verslag rapporten 报告 レポート 報告 報告書
document dokument dokumente documents documento documentos documenti documenten 文件 文書 ドキュメント 書類
file datei dateien fichier fichiers archivo archivos fichero arquivo arquivos 文件 ファイル
agreement vereinbarung acuerdo accordo acordo overeenkomst 协议 合意
form formular formulare formulaire formulaires formulario formularios moduli formulário formulários formulier formulieren フォーム 用紙
template vorlage vorlagen plantilla plantillas modello modelli modelo sjabloon sjablonen 模板 テンプレート
letter lettre lettres carta cartas lettera lettere brieven 信 信件 手紙
email mail mails courriel correo correos posta 邮件 メール
message nachricht nachrichten messages mensaje mensajes messaggio messaggi mensagem mensagens 消息 信息 メッセージ
text texte textes texto textos testo testi tekst teksten 文本 文字 テキスト 文章
write schreiben schreibe écrire écris rédiger escribir escribe redactar scrivere scrivi escrever escreva schrijven schrijf 写 撰写 書く 作成
read lesen lire leer leggere ler lezen 读 阅读 読む
translate übersetzen übersetze traduire traduis traduisez traducir traduce traduzca tradurre traduci traduzir traduza vertalen vertaal 翻译 翻訳 訳す
translation übersetzung übersetzungen traduction traductions traducción traducciones traduzione traduzioni tradução traduções vertaling vertalingen 翻译 翻訳
language sprache sprachen langue langues idioma idiomas lengua lingua lingue língua línguas taal talen 语言 言語
summarize zusammenfassen zusammenfassung resumir resumen riassumere riassumi riassunto resuma resumo samenvatten samenvatting 总结 摘要 概括 要約 まとめる
correct korrigieren korrigiere korrektur corriger corrige correction corregir corrección correggere correzione corrigir correção corrigeren verbeteren 纠正 修改 訂正 校正
presentation präsentation präsentationen folien présentation présentations presentación presentaciones presentazione presentazioni apresentação apresentações presentatie presentaties 演示 プレゼン プレゼンテーション
search suchen rechercher chercher cherche recherche buscar busca búsqueda cercare cerca ricerca procurar zoeken zoek 搜索 查找 検索 探す
find finden finde trouver trouve encontrar encuentra trovare trova encontre vinden vind 找 找到 見つける
check prüfen prüfe überprüfen vérifier vérifie comprobar verificar revisar controllare verificare controleren 检查 核对 確認 チェック
compare vergleichen vergleiche vergleich comparer comparaison comparar comparación confrontare confronto comparação vergelijken vergelijk 比较 对比 比較
create erstellen erstelle anlegen créer crée crear crea creare criar crie maken aanmaken 创建 作成 作る
generate generieren generiere erzeugen générer génère generar generare gerar genereren 生成
send senden sende schicken schicke envoyer envoie enviar envía inviare invia envie sturen stuur verzenden 发送 寄 送る 送信
show zeigen zeige anzeigen montrer montre afficher mostrar muestra mostrare mostra tonen toon 显示 表示 見せる
explain erklären erkläre erläutern expliquer explique explicar explica spiegare spiega uitleggen 解释 说明 説明
plan planen planung planifier planificar planificación pianificare pianificazione piano planejar planejamento plannen 计划 规划 計画
project projekt projekte projet projets proyecto proyectos progetto progetti projeto projetos projecten 项目 プロジェクト
task aufgabe aufgaben tâche tâches tarea tareas compito compiti attività tarefa tarefas taak 任务 タスク 課題
approve genehmigen genehmigung freigeben freigabe approuver approbation aprobar aprobación approvare approvazione aprovar aprovação goedkeuren goedkeuring 批准 审批 承認
reject ablehnen ablehnung rejeter refuser rechazar rifiutare respingere rejeitar afwijzen weigeren 拒绝 驳回 却下 拒否
decision entscheidung entscheidungen décision décisions decisión decisiones decisione decisioni decisão decisões beslissing besluit 决定 决策 決定 判断
request anfrage anfragen antrag anträge solicitud solicitudes petición richiesta richieste solicitação aanvraag verzoek 请求 申请 依頼 要求
change ändern änderung änderungen changer modifier modification cambiar cambio modificar modificare modifica alterar mudar mudança wijzigen wijziging 更改 修改 变更 変更
improve verbessern verbesserung améliorer amélioration mejorar mejora migliorare miglioramento melhorar melhoria verbeteren verbetering 改进 改善
optimize optimieren optimierung optimiser optimisation optimizar optimización ottimizzare ottimizzazione otimizar otimização optimaliseren 最適化
reduce reduzieren senken réduire reducir ridurre reduzir verminderen verlagen 减少 降低 削減 減らす
increase erhöhen erhöhung augmenter augmentation aumentar aumento aumentare verhogen verhoging 增加 提高 増加 増やす
convert umwandeln konvertieren umrechnen convertir convertire converter omzetten 转换 変換
extract extrahieren auslesen extraire extraction extraer extracción estrarre estrazione extrair extração extraheren 提取 抽出
detect erkennen erkennung détecter détection detectar detección rilevare rilevamento detecção detecteren herkennen 检测 識別 検出 検知
register registrieren registrierung anmelden inscrire inscription registrar registro inscribir registrare registrazione registreren inschrijven 注册 登记 登録
company unternehmen firma firmen entreprise entreprises société empresa empresas azienda aziende società bedrijf bedrijven 公司 企业 会社 企業
industry industrie industria sector settore indústria setor 行业 工业 業界 産業
government regierung behörde gouvernement gobierno governo overheid 政府
citizen bürger citoyen citoyens ciudadano ciudadanos cittadino cittadini cidadão cidadãos 市民 公民
school schule schulen école écoles escuela escuelas scuola scuole escola escolas scholen 学校
university universität universitäten hochschule université universités universidad universidades università universidade universiteit 大学
science wissenschaft wissenschaften ciencia ciencias scienza scienze ciência ciências wetenschap 科学
news nachrichten neuigkeiten actualités nouvelles noticias notizie notícias nieuws 新闻 ニュース
article artikel articles artículo artículos articolo articoli artigo artigos artikelen 文章 记事 記事
music musik musique música musica muziek 音乐 音楽
game spiel spiele jeu jeux juego juegos gioco giochi jogo jogos spel 游戏 ゲーム
design gestaltung entwurf diseño diseñar progettazione progettare projetar ontwerp ontwerpen 设计 設計 デザイン
farm bauernhof landwirtschaft agriculture agricultura granja agricoltura fazenda landbouw boerderij 农业 农场 農業 農場
animal animaux animales animale animali animais dier dieren 动物 動物
child kinder enfant enfants niño niños bambino bambini criança crianças kinderen 儿童 孩子 子供
family familie familien famille familles familia familias famiglia famiglie família famílias gezin 家庭 家族
emergency notfall notfälle urgence urgences emergencia emergencias emergenza emergenze emergência noodgeval 紧急 急救 緊急
urgent dringend eilig urgente spoed 紧急 緊急 至急
fire feuer incendie incendies feu incendio incendios incendi incêndio 火灾 火災 火事
police polizei policía polizia polícia politie 警察
summary zusammenfassung zusammenfassungen resumen riassunto resumo samenvatting 摘要 总结 要約 概要
strategy strategie strategien stratégie stratégies estrategia estrategias strategia estratégia 战略 策略 戦略
goal ziel ziele objectif objectifs objetivo objetivos obiettivo obiettivi doel doelen 目标 目標
result ergebnis ergebnisse résultat résultats resultado resultados risultato risultati resultaat resultaten 结果 結果
number zahl zahlen nummer nombre nombres numéro número números numero numeri getal getallen 数字 号码 数 番号
model modell modelle modèle modèles modelo modelos modello modelli modellen 模型 モデル
knowledge wissen connaissance connaissances conocimiento conocimientos conoscenza conhecimento kennis 知识 知識
subscription abonnement abo abonnements suscripción suscripciones abbonamento abbonamenti assinatura 订阅 購読
license lizenz lizenzen licence licences licencia licencias licenza licenze licença licenças licentie licenties 许可 ライセンス
identity identität identitäten identité identités identidad identità identidade identiteit 身份 身元
measure messen messung mesurer mesure medir medición misurare misura medição meten meting 测量 測定
schedule dienstplan dienstpläne schichtplan turno turnos turni dienstrooster 排班 シフト
negotiate verhandeln verhandlung négocier négociation negociar negociación negoziare negoziazione negociação onderhandelen onderhandeling 谈判 協商 交渉
tender ausschreibung ausschreibungen licitación licitaciones gara licitação aanbesteding 招标 投标 入札
`;
