/** What `deliveryTimeoutMs` is where the options do not say. */
export const defaultDeliveryTimeoutMs = 30_000;
