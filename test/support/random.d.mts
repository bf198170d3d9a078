// Benchmarks run as they stand, so what they share with tests is JavaScript.
export function createRandom(seed: number): () => number;
