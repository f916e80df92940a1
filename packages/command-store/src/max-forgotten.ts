/** How many request ids of forgotten commands a store keeps, the latest: without a limit they would fill it. */
export const maxForgotten = 1_000_000;
