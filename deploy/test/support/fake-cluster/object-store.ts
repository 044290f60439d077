import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../kube-object.js";
import type { Selectors } from "./selectors.js";
import { matches } from "./selectors.js";

export interface StoreEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: KubeObject;
}

/** The objects of a store at one time. */
export interface StoreSnapshot {
  readonly objects: ReadonlyMap<string, KubeObject>;
  readonly resourceVersion: number;
}

const ALL: Selectors = { labelSelector: null, fieldSelector: null };

/** The cluster's objects; whoever listens learns of every change. */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #resourceVersion = 1;

  get resourceVersion(): string {
    return String(this.#resourceVersion);
  }

  get(kind: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(address(kind, namespace, name));
  }

  list(kind: string, namespace?: string, selectors = ALL): KubeObject[] {
    return [...this.#objects.values()].filter(
      (object) =>
        object.kind === kind &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        matches(object, selectors),
    );
  }

  /** Add or replace an object. An unchanged object keeps its version. A changed spec gets a new generation. */
  put(object: KubeObject): KubeObject {
    const { kind, metadata } = object;
    const before = this.get(kind, metadata.namespace, metadata.name);
    if (before !== undefined && isDeepStrictEqual(before, object)) {
      return before;
    }
    const changed = before !== undefined && !isDeepStrictEqual(before.spec, object.spec);
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...metadata,
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(),
        generation: (before?.metadata.generation ?? 1) + (changed ? 1 : 0),
        resourceVersion: String(++this.#resourceVersion),
      },
    };
    this.#objects.set(address(kind, metadata.namespace, metadata.name), stored);
    this.#tell({ type: before === undefined ? "ADDED" : "MODIFIED", object: stored });
    return stored;
  }

  /** All objects as they are now. None is ever changed in place. */
  snapshot(): StoreSnapshot {
    return { objects: new Map(this.#objects), resourceVersion: this.#resourceVersion };
  }

  /** Replace all objects by those of a snapshot. Nobody who listens learns of it. */
  restore({ objects, resourceVersion }: StoreSnapshot): void {
    this.#objects.clear();
    for (const [key, object] of objects) {
      this.#objects.set(key, object);
    }
    this.#resourceVersion = resourceVersion;
  }

  delete(object: KubeObject): void {
    this.#objects.delete(address(object.kind, object.metadata.namespace, object.metadata.name));
    this.#tell({ type: "DELETED", object });
  }

  /** @returns A function that ends the listening. */
  listen(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: StoreEvent): void {
    for (const listener of this.#listeners) {
      listener(event);
    }
  }
}

function address(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ""}/${name}`;
}
