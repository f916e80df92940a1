export { loadSqlite } from './load-sqlite.js';
export { openStateFile, type StateFile, type StateFileOptions } from './open-state-file.js';
export { damagedError, describeStateError, isDamaged, isDiskFull } from './state-errors.js';
