/** The contract, and the rules of leases, on the embedded database. */
import { serviceContract } from './contract.ts';
import { leaseContract } from './leases.ts';

leaseContract('the embedded database', async () => undefined);
serviceContract('the embedded database', async () => undefined);
