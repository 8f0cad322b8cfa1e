import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseReference } from '../host/reference.ts';
import { labImage, registryName, standardImages, type World, type WorldRegistry } from '../world.ts';
import { createImageStore, type ImageStore } from './images.ts';
import { createLabScript, type LabDescription, type LabScript, whyNoLab } from './lab-script.ts';
import { createRealHost, until } from './real-host.ts';

/** Whether this machine can make real hosts, and if not, why. */
export async function realWorldAvailable(): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: string }
> {
  const reason = await whyNoLab();
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

/** Real sshd, Docker Engine, Compose and registry, in namespaces of this machine. Needs root. */
export async function createRealWorld(options: { readonly hosts?: number } = {}): Promise<World> {
  const script = createLabScript(join(mkdtempSync(join(tmpdir(), 'real-lab-')), 'lab'));
  try {
    const lab = await script.up(options.hosts ?? 2);
    const store = createImageStore(lab.registry_address);
    for (const [name, behaviour] of Object.entries(standardImages)) {
      const { path, tag } = parseReference(labImage(name));
      await store.push(path, tag, behaviour);
    }
    return worldOf(script, lab, store);
  } catch (error) {
    await close(script);
    throw error;
  }
}

function worldOf(script: LabScript, lab: LabDescription, store: ImageStore): World {
  return {
    kind: 'real',
    hosts: lab.hosts.map((host) => createRealHost(script, host)),
    registry: createRealRegistry(script, lab, store),
    key: {
      file: lab.key,
      public: readFileSync(`${lab.key}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' '),
    },
    close: () => close(script),
  };
}

async function close(script: LabScript): Promise<void> {
  await script.down();
  rmSync(dirname(script.directory), { recursive: true, force: true });
}

function createRealRegistry(script: LabScript, lab: LabDescription, store: ImageStore): WorldRegistry {
  const own = (name: string) => {
    const reference = parseReference(labImage(name));
    if (reference.registry !== registryName) throw new Error(`${name} is not in the lab's registry`);
    return { repository: reference.path, tag: reference.tag };
  };
  const inSwitch = async (command: string) => {
    const { exitCode, stderr } = await script.exec('switch', command);
    if (exitCode !== 0) throw new Error(`registry: ${stderr.trim()}`);
  };
  const isUp = () =>
    fetch(`http://${lab.registry_address}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  return {
    image: labImage,
    async publish(name, behaviour) {
      const { repository, tag } = own(name);
      return { image: labImage(name), digest: await store.push(repository, tag, behaviour) };
    },
    moveTag: (name, to) => store.copyTag(own(to).repository, own(to).tag, own(name)),
    // The registry of Debian 12 cannot delete a tag through its API, only the manifest behind it with all its tags.
    async remove(name) {
      const { repository, tag } = own(name);
      const tags = join(
        script.directory,
        'registry/docker/registry/v2/repositories',
        repository,
        '_manifests/tags',
        tag,
      );
      await rm(tags, { recursive: true });
    },
    async goDown() {
      await inSwitch(`kill "$(cat '${script.directory}/registry.pid')"`);
      await until(async () => !(await isUp()));
    },
    async comeBack() {
      await inSwitch(`'${script.directory}/start-registry'`);
      await until(isUp);
    },
  };
}
