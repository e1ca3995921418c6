# task: fast_encoder
# outcome: wrong
# misconception: padded_beyond_need
import numpy as np
import torch
import torch.nn.functional as F

def fast_encoder(model, tokenizer):
    # only the gradients are gone: everything is still padded to what the model can take
    def encode(texts):
        ids = torch.full((len(texts), tokenizer.max_length), tokenizer.pad_id)
        mask = torch.zeros_like(ids)
        for row, tokens in enumerate(tokenizer(texts)):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
        with torch.inference_mode():
            states = torch.cat([model(i, m) for i, m in zip(ids.split(8), mask.split(8))])
            return F.normalize((states * mask[..., None]).sum(1), dim=1)
    return encode
