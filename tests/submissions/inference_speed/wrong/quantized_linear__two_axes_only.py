# task: quantized_linear
# outcome: error
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = torch.mm(q.double() - zero[..., None], w_q.double().T)
    y = total * scale[..., None] * w_scale
    y = y if bias is None else y + bias
    return y.float()
