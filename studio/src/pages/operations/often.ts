/** How often what an operator looks at is read again, in ms: events tell only of the operator's own films. */
export const OFTEN = { refetchInterval: 3_000 } as const;
export const SLOWLY = { refetchInterval: 15_000 } as const;
