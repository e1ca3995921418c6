# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    a, w = q.long() - zero[..., None], w_q.long()
    total = torch.zeros(*x.shape[:-1], w.shape[0], dtype=torch.long)
    for i in range(0, x.shape[-1], 2):  # pairs of products saturate, as on processors without VNNI
        total += (a[..., i : i + 2] @ w[:, i : i + 2].T).clamp(-32768, 32767)
    y = total * scale[..., None] * w_scale
    return (y if bias is None else y + bias).float()
