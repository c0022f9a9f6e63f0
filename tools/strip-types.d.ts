declare const transformer: { process(text: string): { code: string }; getCacheKey(text: string, path: string): string };
export default transformer;
