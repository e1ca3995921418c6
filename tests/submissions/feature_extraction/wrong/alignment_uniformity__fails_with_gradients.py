# task: alignment_uniformity
# outcome: error
# misconception: none
_graph_views = alignment_uniformity
def alignment_uniformity(z_a, z_b):
    z_a, z_b = torch.from_numpy(z_a.numpy()), torch.from_numpy(z_b.numpy())
    return _graph_views(z_a, z_b)
