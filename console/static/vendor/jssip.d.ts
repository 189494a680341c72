// What our scripts use of jssip.js, for editors and type checkers. Written by hand; browsers never read it.
export const UA: any;
export const WebSocketInterface: any;
export const debug: { enable(names: string): void; disable(): void };
