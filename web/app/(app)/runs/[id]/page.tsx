import { RunPage } from "@/components/runs/run-page";

// One page for every run: the api serves it for any id, and the page reads the id from its address.
export const generateStaticParams = () => [{ id: "_" }];

export default function Page() {
  return <RunPage />;
}
