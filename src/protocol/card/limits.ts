/** How much of a card is read. A card beyond any of these is refused, never cut. Lengths are in UTF-16 code units. */
export interface CardLimits {
  /** Of the document, before it is parsed. */
  maxCardBytes: number;
  maxInterfaces: number;
  maxSkills: number;
  /** Per skill. */
  maxTags: number;
  /** Per skill. */
  maxExamples: number;
  /** Per list of modes. */
  maxModes: number;
  maxExtensions: number;
  /** Names, ids, tags, version numbers, media types. */
  maxNameLength: number;
  /** Descriptions and examples. */
  maxTextLength: number;
  maxUrlLength: number;
  /** Levels of objects and lists in an extension's `params`. */
  maxParamsDepth: number;
  /** Tolerated deviations named one by one; the rest are counted. */
  maxWarnings: number;
}

export const defaultCardLimits: Readonly<CardLimits> = {
  maxCardBytes: 1024 * 1024,
  maxInterfaces: 64,
  maxSkills: 1000,
  maxTags: 200,
  maxExamples: 100,
  maxModes: 100,
  maxExtensions: 100,
  maxNameLength: 256,
  maxTextLength: 16 * 1024,
  maxUrlLength: 2048,
  maxParamsDepth: 16,
  maxWarnings: 20,
};
