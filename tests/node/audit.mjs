// The audit suite of npm's graphql-http against the address given: prints every audit that is not ok, then the count.
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.argv[2] });
for (const result of results) {
  if (result.status !== 'ok') {
    console.log(`${result.id} ${result.name}: ${result.status}, ${result.reason}`);
  }
}
console.log(`${results.filter((result) => result.status === 'ok').length} of ${results.length}`);
