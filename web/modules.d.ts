/** Made by vite.config.ts. */
declare module '/house-style.css';
