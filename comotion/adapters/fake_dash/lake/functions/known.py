"""Functions that Trino documents and this fake does not have: refused by name instead of guessed."""

UNSUPPORTED = frozenset(
    """render rgb color beta_cdf inverse_beta_cdf t_cdf t_pdf spooky_hash_v2_32 spooky_hash_v2_64
    classify features learn_classifier learn_libsvm_classifier learn_libsvm_regressor learn_regressor regress
    hash_counts bing_tile bing_tile_at bing_tile_coordinates bing_tile_polygon bing_tile_quadkey bing_tile_zoom_level
    bing_tiles_around convex_hull_agg geometry_from_hadoop_shape geometry_invalid_reason geometry_nearest_points
    geometry_to_bing_tiles geometry_union geometry_union_agg great_circle_distance from_encoded_polyline
    to_encoded_polyline from_geojson_geometry to_geojson_geometry line_interpolate_point line_interpolate_points
    line_locate_point simplify_geometry spatial_partitioning spatial_partitions to_geometry to_spherical_geography
    match_recognize classifier match_number json_table
    parse_presto_data_size parse_data_size
       current_groups 
     trimmed_mean destructure_tdigest
      theta_sketch_union theta_sketch_estimate
    exclude_columns """.split()
)
