/**
 * Words that are hard to understand, and what to write instead. A key is a pattern that matches whole words, in upper
 * or lower case.
 */
export const plainWords: Readonly<Record<string, string>> = {
  anew: "again, new",
  beside: "next to, with, besides, in addition to",
  "believed?|believes|believing": "trust, assume, use",
  books: "ledger",
  "for good": "permanently, forever",
  "front doors?": "public listener",
  "hindrances?": "blocking reason",
  "homeless(?:ness)?": "unschedulable",
  meanwhile: "in the meantime, by then",
  "mend(?:s|ed|ing)?": "fix, repair, restore",
  "nobody shall": "must not",
  patience: "deadline, grace",
  "riders?": "member on the shared batch",
  "so long(?! as)": "this long, for this time",
  surplus: "excess",
  "taken for": "mistaken for, treated as",
  upkeep: "connection watchdog",
  "walkers?": "member with its own queue",
  whoever: "a client that, the one that",
  "wish(?:es|ed)?": "want, ask for; pending grant",
};

export interface FoundWord {
  line: number;
  word: string;
  instead: string;
}

const patterns = Object.entries(plainWords).map(([pattern, instead]) => ({
  // A phrase may be split between two lines of prose or of a comment.
  pattern: new RegExp(`(?<![\\w-])(?:${pattern.replaceAll(" ", "\\s+(?:[*/#]+\\s+)?")})(?![\\w-])`, "gi"),
  instead,
}));

/** Finds the words in a text that should be replaced, in the order of the text. */
export function wordsToReplace(text: string): FoundWord[] {
  return patterns
    .flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map(({ 0: word, index }) => ({
        line: text.slice(0, index).split("\n").length,
        word: word.replace(/\s+/g, " "),
        instead,
      })),
    )
    .sort((a, b) => a.line - b.line);
}
