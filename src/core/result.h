// Expected failures travel as values: Result<T> is a value or an Error that names what, where and the way out.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace assay {

enum class ErrorCode : std::uint8_t {
  bad_input,    // the bytes are not what they should be
  unsupported,  // well-formed, but of a kind that is not read
  limit,        // a declared limit was reached
  not_found,    // a named thing does not exist
  io,           // the operating system refused
  bad_usage,    // the command line is wrong
  integrity,    // a hash or chain does not fit
};

struct Error {
  ErrorCode code = ErrorCode::bad_input;
  std::string what;         // what is wrong, one clause
  std::string where = {};   // file, line:column, path in the document; empty when there is none
  std::string remedy = {};  // what the reader can do; empty when there is nothing

  // "where: what (remedy)"
  [[nodiscard]] std::string text() const {
    std::string out;
    if (!where.empty()) out += where + ": ";
    out += what;
    if (!remedy.empty()) out += " (" + remedy + ")";
    return out;
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
  [[nodiscard]] Error& error() { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
using Status = Result<Ok>;

#define ASSAY_CONCAT_(a, b) a##b
#define ASSAY_CONCAT(a, b) ASSAY_CONCAT_(a, b)
// TRY(auto x, f()): x is the value, or the error is returned to the caller.
#define TRY(declaration, expression)                                                                            \
  auto ASSAY_CONCAT(try_result_, __LINE__) = (expression);                                                      \
  if (!ASSAY_CONCAT(try_result_, __LINE__).ok()) return std::move(ASSAY_CONCAT(try_result_, __LINE__)).error(); \
  declaration = std::move(ASSAY_CONCAT(try_result_, __LINE__)).value()
#define TRY_VOID(expression)                                      \
  do {                                                            \
    auto try_status_ = (expression);                              \
    if (!try_status_.ok()) return std::move(try_status_).error(); \
  } while (false)

}  // namespace assay
