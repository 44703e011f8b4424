// One step of liblzma, as the decoders of this folder take it.
#pragma once

#include <lzma.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace assay {

struct LzmaStepped {
  lzma_ret status = LZMA_OK;
  std::size_t taken = 0, made = 0;  // bytes of the input, of the output
};

// Decodes from `in`, where nothing means that nothing follows, into `out`.
inline LzmaStepped lzma_step(lzma_stream& state, std::string_view in, std::span<char> out) {
  state.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  state.avail_in = in.size();
  state.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  state.avail_out = out.size();
  const lzma_ret status = lzma_code(&state, in.empty() ? LZMA_FINISH : LZMA_RUN);
  return {status, in.size() - state.avail_in, out.size() - state.avail_out};
}

}  // namespace assay
