/** Of a subscription with `fetchMaxWaitMs`: for less, the brokers let it wait. */
export const fetchMinBytes = 64 * 1024;
