/**
 * Says where a device is: its base address, such as `https://gateway.example/devices/7` or `coap://192.0.2.7:5683`, or
 * undefined for a device that it does not know. A `ValidationError` says that the device can have no address; any other
 * error, that the directory cannot answer now.
 */
export type DeviceDirectory = (deviceId: string) => string | undefined | Promise<string | undefined>;
