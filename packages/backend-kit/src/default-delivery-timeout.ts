/** The default of `deliveryTimeoutMs`. */
export const defaultDeliveryTimeoutMs = 30_000;
