import type { NextConfig } from "next";

// A static export: the api serves these files itself, at the origin of its GraphQL endpoint.
const config: NextConfig = {
  output: "export",
  reactStrictMode: true,
  images: { unoptimized: true },
  // In development the pages come from Next, everything else from the api.
  ...(process.env.NODE_ENV === "development"
    ? {
        output: undefined,
        rewrites: async () => [
          { source: "/graphql", destination: `${process.env.ZIPPED_API ?? "http://127.0.0.1:8000"}/graphql` },
          { source: "/hooks/:token", destination: `${process.env.ZIPPED_API ?? "http://127.0.0.1:8000"}/hooks/:token` },
        ],
      }
    : {}),
};

export default config;
