import type { WorkspaceId } from '@automatos/kernel';
import type {
  ModelPrice,
  ModelRef,
  ModelRow,
  ResolvedModel,
} from '../catalogue/catalogue-types.ts';

/** `operator`: set by hand for the workspace; `package`: from a price package; `none`: unknown. */
export type PriceSource = 'package' | 'operator' | 'none';

/** The price that a call is charged with now. */
export interface PriceInUse {
  price: ModelPrice;
  source: PriceSource;
  /** Names the price for all time: package date and hash, or the operator's change. Stored with each usage row. */
  version: string;
}

/** A model as a workspace may use it: row of the catalogue with the price in use. */
export interface PricedModel extends ModelRow {
  priceSource: PriceSource;
  priceVersion: string;
}

/**
 * Prices and models as a workspace sees them: its own prices before its own price package, before the platform's, before the one
 * that is shipped. Everything is answered from memory; changes of other processes arrive within moments.
 */
export interface PriceBook {
  priceOf(workspaceId: WorkspaceId, ref: ModelRef): PriceInUse;
  /** Catalogue rows of a reference with the price in use; knows the models of loaded packages. Throws as `resolveRef` does. */
  resolve(workspaceId: WorkspaceId, ref: ModelRef, kind?: ModelRow['kind']): ResolvedModel;
  /** All models of the workspace with the prices in use, in the order of the catalogue. */
  models(workspaceId: WorkspaceId): PricedModel[];
}
