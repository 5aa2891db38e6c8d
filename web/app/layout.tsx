import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "@/styles/globals.css";
import { Toaster } from "@/components/ui/toast";

export const metadata: Metadata = {
  title: { default: "Zipped", template: "%s · Zipped" },
  description: "Automation that loses nothing.",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1 };

// Runs before the first paint, so that a chosen theme does not flash.
const THEME = `try{var t=localStorage.getItem("zipped.theme");if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch{}`;

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <script>{THEME}</script>
      </head>
      <body>
        <Toaster>{children}</Toaster>
      </body>
    </html>
  );
}
