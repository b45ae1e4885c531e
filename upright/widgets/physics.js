// CartPole's physics, as in Gymnasium 1.2 (envs/classic_control/cartpole.py, after Barto, Sutton and Anderson, 1983).
// A state is [position, velocity, angle, angular velocity] in units, units/s, rad and rad/s.

export const STANDARD = { gravity: 9.8, masscart: 1.0, masspole: 0.1, length: 0.5, force_mag: 10.0, tau: 0.02 };
export const POSITION_LIMIT = 2.4;
export const ANGLE_LIMIT = (12 * 2 * Math.PI) / 360;

/** The state after one step of `physics.tau` seconds; `action` is 0 (push left) or 1 (push right). Euler's method. */
export function step([x, velocity, angle, angularVelocity], action, physics = STANDARD) {
  const { gravity, masscart, masspole, length, tau } = physics;
  const force = action === 1 ? physics.force_mag : -physics.force_mag;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const total = masspole + masscart;
  const poleMoment = masspole * length;
  const push = (force + poleMoment * (angularVelocity * angularVelocity) * sin) / total;
  const angularAcceleration =
    (gravity * sin - cos * push) / (length * (4.0 / 3.0 - (masspole * (cos * cos)) / total));
  const acceleration = push - (poleMoment * angularAcceleration * cos) / total;
  return [
    x + tau * velocity,
    velocity + tau * acceleration,
    angle + tau * angularVelocity,
    angularVelocity + tau * angularAcceleration,
  ];
}

/** Why the environment's own rules end the episode in this state: "position", "angle", or "" when they do not. */
export function terminated([x, , angle]) {
  if (x < -POSITION_LIMIT || x > POSITION_LIMIT) return "position";
  if (angle < -ANGLE_LIMIT || angle > ANGLE_LIMIT) return "angle";
  return "";
}

/** A starting state: four numbers between -0.05 and 0.05. `random` gives numbers from 0 to 1. */
export function reset(random) {
  return Array.from({ length: 4 }, () => -0.05 + 0.1 * random());
}
