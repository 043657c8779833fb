export const english = ``;
