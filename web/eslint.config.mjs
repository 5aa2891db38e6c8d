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
];

export default config;
