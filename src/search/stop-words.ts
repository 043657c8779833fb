/** English words that say nothing of what is sought. */
const grammar = `
  a about all also am an and any are as at be because been being but by can could did do does doing done for from
  get give got had has have having he her here hers him his how i if in into is it its just let like make may me
  might must my no not of off on one or our out over own per please put say she should so some such than that the
  their them then there these they this those through to too under up us use using very was we were what when
  where which while who whom why will with would you your`;

/** What requests for an agent are made of, whatever it is to do. */
const asking = `
  able agent agents ai anybody anyone anything assistant assistants bot bots capable find help helper helps know
  look looking need needed needs search show somebody someone something tell thing things want wants wish`;

export const stopWords: readonly string[] = `${grammar} ${asking}`.trim().split(/\s+/);
