// gzip and zstd input: our streams against the library's own rate over the same bytes.
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "evidence/stream.h"
#include "generate.h"
#include "harness.h"

namespace assay::bench {
namespace {

constexpr std::size_t kPlainBytes = std::size_t{64} << 20;
constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr int kRounds = 7;

std::uint64_t drain(ByteStream& stream) {
  std::vector<char> buffer(kBuffer);
  std::uint64_t sum = 0;
  for (;;) {
    const std::size_t got = stream.read(buffer);
    if (got == 0) return sum;
    sum += got;
  }
}

LaneResult result_of(const Pair& pair, std::size_t plain, std::string reference, std::string input) {
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(plain) / 1e6 / pair.ours;
  out.reference = std::move(reference);
  out.ratio = pair.ratio;
  out.peak_mb = pair.peak_mb;
  out.input = std::move(input);
  return out;
}

Result<LaneResult> gzip_lane(const Context& context) {
  const std::string plain = access_lines(kPlainBytes, 11);
  const std::string path = context.work + "/access.log";
  TRY_VOID(write_file(path, plain));
  const std::string command[] = {"gzip", "-6", "-n", "-c", path};
  if (run_child(command, path + ".gz").exit_code != 0) return Error{ErrorCode::io, "gzip failed", path};
  TRY(const std::string packed, read_file(path + ".gz"));

  std::uint64_t ours_sum = 0, reference_sum = 0;
  const Pair pair = measure(
      kRounds,
      [&] {
        ExpansionGauge gauge;
        const auto below = open_memory(packed);
        const auto stream = open_gzip(*below, gauge);
        ours_sum = drain(*stream);
      },
      [&] {
        std::vector<std::uint8_t> buffer(kBuffer);
        inflate_state state;
        isal_inflate_init(&state);
        state.crc_flag = ISAL_GZIP;
        state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(packed.data()));
        state.avail_in = static_cast<std::uint32_t>(packed.size());
        reference_sum = 0;
        do {
          state.next_out = buffer.data();
          state.avail_out = static_cast<std::uint32_t>(buffer.size());
          if (isal_inflate(&state) != ISAL_DECOMP_OK) break;
          reference_sum += buffer.size() - state.avail_out;
        } while (state.block_state != ISAL_BLOCK_FINISH);
      });
  if (ours_sum != plain.size() || reference_sum != plain.size())
    return Error{ErrorCode::integrity, "the two did not give the same bytes", "gzip"};
  return result_of(pair, plain.size(), "isa-l isal_inflate, 1 MiB buffer",
                   "64 MiB of generated access log, gzip -6; rates of the content");
}

Result<LaneResult> zstd_lane(const Context&) {
  const std::string plain = access_lines(kPlainBytes, 12);
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
  std::uint64_t ours_sum = 0, reference_sum = 0;
  const Pair pair = measure(
      kRounds,
      [&] {
        ExpansionGauge gauge;
        const auto below = open_memory(packed);
        const auto stream = open_zstd(*below, gauge);
        ours_sum = drain(*stream);
      },
      [&] {
        std::vector<char> buffer(kBuffer);
        ZSTD_DStream* stream = ZSTD_createDStream();
        ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
        reference_sum = 0;
        std::size_t left = 1;
        while (left != 0 && ZSTD_isError(left) == 0) {
          ZSTD_outBuffer to = {buffer.data(), buffer.size(), 0};
          left = ZSTD_decompressStream(stream, &to, &in);
          reference_sum += to.pos;
          if (in.pos == in.size && to.pos == 0) break;
        }
        ZSTD_freeDStream(stream);
      });
  if (ours_sum != plain.size() || reference_sum != plain.size())
    return Error{ErrorCode::integrity, "the two did not give the same bytes", "zstd"};
  return result_of(pair, plain.size(), "libzstd ZSTD_decompressStream, 1 MiB buffer",
                   "64 MiB of generated access log, zstd -3; rates of the content");
}

}  // namespace

std::vector<Lane> stream_lanes() { return {{"gzip", gzip_lane}, {"zstd", zstd_lane}}; }

}  // namespace assay::bench
