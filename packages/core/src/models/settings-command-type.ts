/** The type of a command that brings settings to a device; also its supersede key: a newer one replaces it. */
export const settingsCommandType = 'settings';
