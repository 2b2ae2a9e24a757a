import { isPlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import type { WorkspaceRoots } from '@automatos/tools';
import { stat } from 'node:fs/promises';

/** Formats of an input that name a place on this machine. */
const PLACES = ['folder', 'file'] as const;
type Place = (typeof PLACES)[number];

/**
 * Finds the inputs whose schema has `format: folder` or `format: file` and which name nothing of that kind inside the
 * allowed folders, so that a run that could read nothing is refused before it starts. Looks at properties of the schema
 * and at the items of lists; pointers start at the inputs. The tools check again when they open a path.
 */
export async function checkPlaces(
  schema: JsonObject,
  inputs: JsonObject,
  roots: Pick<WorkspaceRoots, 'resolveInside'>,
): Promise<FieldError[]> {
  const properties = asObject(schema['properties']);
  const problems = await Promise.all(
    placesOf(properties, inputs).map(async ({ pointer, place, path }) => {
      const message = await problemOf(path, place, roots);
      return message === null ? [] : [{ pointer, message }];
    }),
  );
  return problems.flat();
}

interface NamedPlace {
  pointer: string;
  place: Place;
  path: string;
}

function placesOf(properties: JsonObject, inputs: JsonObject): NamedPlace[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const value = inputs[name];
    if (Array.isArray(value)) {
      const place = placeOf(asObject(asObject(property)['items']));
      return value.flatMap((path, index) => named(`${pointer}/${index}`, place, path));
    }
    return named(pointer, placeOf(asObject(property)), value);
  });
}

function named(
  pointer: string,
  place: Place | undefined,
  path: JsonValue | undefined,
): NamedPlace[] {
  return place === undefined || typeof path !== 'string' ? [] : [{ pointer, place, path }];
}

function placeOf(schema: JsonObject): Place | undefined {
  return PLACES.find((place) => place === schema['format']);
}

async function problemOf(
  path: string,
  place: Place,
  roots: Pick<WorkspaceRoots, 'resolveInside'>,
): Promise<string | null> {
  try {
    const found = await stat(await roots.resolveInside(path));
    if (place === 'folder' ? found.isDirectory() : found.isFile()) return null;
    return `"${path}" is no ${place}.`;
  } catch (error) {
    if (isPlatformError(error)) return error.message;
    throw error;
  }
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
