# task: quantized_linear
# outcome: wrong
# misconception: none
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    y = ((q.long() - zero[..., None]) @ w_q.long().T) * scale[..., None]
    if bias is not None:
        y = y + bias.div_(w_scale)
    return (y * w_scale).float()
