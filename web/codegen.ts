import type { CodegenConfig } from "@graphql-codegen/cli";

// Reads the committed schema, so no server has to run.
const config: CodegenConfig = {
  schema: "../schema.graphql",
  documents: ["components/**/*.graphql", "app/**/*.graphql", "lib/**/*.graphql"],
  ignoreNoDocuments: true,
  generates: {
    "./gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        strictScalars: true,
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { ID: "string", DateTime: "string", JSON: "unknown", BigInt: "string" },
      },
    },
  },
};

export default config;
