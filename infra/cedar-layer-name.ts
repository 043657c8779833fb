/** Of the folder beside the bundles that is the layer with Cedar. */
export const cedarLayerName = 'cedar-layer';
