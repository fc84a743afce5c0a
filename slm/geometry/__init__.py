"""Pure kernels on arrays: diagonal normals, their Fisher-Rao distance, BM25, selection. No I/O."""
