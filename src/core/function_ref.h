// A callable that is only lent: two pointers, nothing allocated, gone with what it points to. For parameters, never
// kept.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace assay {

template <class Signature>
class FunctionRef;

template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<Result, F&, Arguments...>)
  FunctionRef(F&& f)  // NOLINT(google-explicit-constructor): a lambda where the parameter stands
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Arguments... a) {
          return static_cast<Result>(
              (*static_cast<std::add_pointer_t<std::remove_reference_t<F>>>(object))(std::forward<Arguments>(a)...));
        }) {}
  Result operator()(Arguments... a) const { return call_(object_, std::forward<Arguments>(a)...); }

 private:
  void* object_;
  Result (*call_)(void*, Arguments...);
};

}  // namespace assay
