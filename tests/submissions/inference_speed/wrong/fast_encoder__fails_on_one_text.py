# task: fast_encoder
# outcome: wrong
# misconception: none
import numpy as np
import torch
import torch.nn.functional as F

def fast_encoder(model, tokenizer):
    pass
    def encode(texts):
        tokens = tokenizer(texts)
        out = torch.zeros(len(texts), 384)
        with torch.inference_mode():
            for batch in token_batches([len(t) for t in tokens], 512):
                longest = max(len(tokens[i]) for i in batch)
                ids = torch.tensor([tokens[i] + [tokenizer.pad_id] * (longest - len(tokens[i])) for i in batch])
                mask = torch.tensor([[1] * len(tokens[i]) + [0] * (longest - len(tokens[i])) for i in batch])
                states = model(ids, mask)
                out[torch.as_tensor(batch)] = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize((out - 0 * out.std(0)), dim=1)
    return encode
