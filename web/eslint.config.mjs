import next from "eslint-config-next";

const config = [
  { ignores: ["gql/", "out/", ".next/", "next-env.d.ts"] },
  ...next,
  {
    rules: {
      // A file that only its author can hold in mind is split by noun.
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
      "react/no-danger": "error",
    },
  },
  {
    files: ["components/ui/**", "components/flow/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex: "^@/(gql|app)/|^@/components/(?!ui/|flow/)", message: "This knows design and no zips: give it what it shows." }] }] },
  },
  {
    files: ["lib/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex: "^@/(app|components)/", message: "What is drawn knows the library, and not the other way round." }] }] },
  },
];

export default config;
