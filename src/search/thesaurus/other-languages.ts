export const otherLanguages = ``;
