import { BuilderPage } from "@/components/builder/builder-page";

// One page for every zip: the api serves it for any id, and the page reads the id from its address.
export const generateStaticParams = () => [{ id: "_" }];

export default function Page() {
  return <BuilderPage />;
}
