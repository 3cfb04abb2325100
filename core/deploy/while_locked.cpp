#include "core/deploy/while_locked.hpp"

#include "core/deploy/deploy_lock.hpp"
#include "core/deploy/permission_report.hpp"

namespace pier::deploy {
namespace {

/// The folder cannot take another file.
bool is_full_folder(const Error& error) {
  return error.answer != nullptr && error.answer->error_code == "MAX_CHILD_NODE_SIZE_EXCEEDED";
}

Error explain_failure(Session& session, Error error) {
  const auto& path = session.bundle.paths.state_path;
  const auto tell = [&](std::string text) {
    session.observer.on_event(Event{.type = Event::Type::trouble, .text = std::move(text)});
  };
  tell("Failed to acquire deployment lock: " + error.to_string());
  // The workspace says "not found" also to those who may not look.
  if (error.kind == ErrorKind::permission_denied || error.kind == ErrorKind::not_found) {
    tell("Failed to update, encountered possible permission error: " + path);
    return possible_permission_error(session.bundle, session.user, path);
  }
  return session.compatible ? error : std::move(error).with_context("acquiring the deploy lock");
}

} // namespace

Result<void> while_locked(Session& session, const LockOptions& options, const std::function<Result<void>()>& work) {
  if (!session.bundle.lock_enabled) {
    return work();
  }
  auto& client = session.client;
  auto lock = DeployLock::acquire(client, session.bundle.paths.state_path, session.user.user_name, options.force);
  if (!lock && options.force && options.may_go_on && is_full_folder(lock.error())) {
    session.observer.on_event(
        Event{.type = Event::Type::warning,
              .text = "Proceeding with destroy without a deployment lock: " + lock.error().to_string()});
    return work();
  }
  if (!lock) {
    return explain_failure(session, std::move(lock).error());
  }
  if (lock->took_over()) {
    session.observer.on_event(
        Event{.type = Event::Type::phase, .text = "taking over the lock of a deployment that was killed"});
  }
  auto result = work();
  const auto cleanup = client.stop_token().stop_requested() ? client.for_cleanup() : nullptr;
  auto released = lock->release(cleanup ? *cleanup : client);
  if (result && !released) {
    return std::move(released).error().with_context("releasing the deploy lock");
  }
  return result;
}

} // namespace pier::deploy
