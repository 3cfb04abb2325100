import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // `npm run dev` beside a back end started by hand on port 8000.
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
