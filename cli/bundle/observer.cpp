#include "cli/bundle/observer.hpp"

namespace pier::cli {
namespace {

using deploy::Event;

class BundleObserver final : public deploy::Observer {
 public:
  explicit BundleObserver(Console& console)
      : console_(console) {}

  void on_event(const Event& event) override {
    switch (event.type) {
    case Event::Type::line: console_.status(event.text); break;
    case Event::Type::warning: console_.status("Warn: " + event.text); break;
    default: break;
    }
  }

 private:
  Console& console_;
};

} // namespace

std::unique_ptr<deploy::Observer> make_bundle_observer(Console& console) {
  return std::make_unique<BundleObserver>(console);
}

} // namespace pier::cli
