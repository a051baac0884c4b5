// Where scenarios lie: in the folder `scenarios/` beside the player's module, whatever page it is in.

/** What a player shows that names no scenario. */
export const FIRST = 'rabbitmq/hello';

let home: string | undefined;

/** Any address in the folder that has `scenarios/`. */
export function setHome(address: string): void {
  home = address;
}

/** The address of a scenario by its name, as `rabbitmq/hello`. */
export function scenarioUrl(name: string): string {
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(name)) {
    throw new Error(`not the name of a scenario: ${name} (one is rabbitmq/hello)`);
  }
  return new URL(`scenarios/${name}.json`, home).href;
}

/** What of the end of an address is a link to a run. */
export function linkIn(hash: string): string | undefined {
  return /^#g\d/.test(hash) ? hash : undefined;
}

/** The text of a scenario. */
export async function loadScenario(name: string): Promise<string> {
  const answer = await fetch(scenarioUrl(name));
  if (!answer.ok) throw new Error(`no scenario ${name}: ${answer.status} ${answer.statusText}`);
  return answer.text();
}
