/** How often what an operator looks at is read again, in ms: not all of it is told by events. */
export const OFTEN = { refetchInterval: 3_000 } as const;
export const SELDOM = { refetchInterval: 15_000 } as const;
