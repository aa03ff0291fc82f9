//! `run(n)`: n steps in the motion of the Sun and four planets; the energy at the end.
//! Floating point with square roots and divisions, in registers rather than in memory.

const PI: f64 = core::f64::consts::PI;
const SOLAR_MASS: f64 = 4.0 * PI * PI;
const DAYS: f64 = 365.24;
const STEP: f64 = 0.01;

#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

#[rustfmt::skip]
const PLANETS: [Body; 4] = [
    body([4.84143144246472082945e+00, -1.16032004402742839362e+00, -1.03622044471123109494e-01],
         [1.66007664274403694959e-03, 7.69901118419740425080e-03, -6.90460016972063023554e-05], 9.54791938424326609124e-04),
    body([8.34336671824457987790e+00, 4.12479856412430479268e+00, -4.03523417114321381156e-01],
         [-2.76742510726411904619e-03, 4.99852801234917238954e-03, 2.30417297573763929463e-05], 2.85885980666130812119e-04),
    body([1.28943695621391310164e+01, -1.51111514016986312525e+01, -2.23307578892655733682e-01],
         [2.96460137564761618652e-03, 2.37847173959480950014e-03, -2.96589568540237556131e-05], 4.36624404335156298062e-05),
    body([1.53796971148509165498e+01, -2.59193146099879641146e+01, 1.79258772950371181757e-01],
         [2.68067772490389322511e-03, 1.62824170038242295431e-03, -9.51592254519715870971e-05], 5.15138902046611451304e-05),
];

const fn body(place: [f64; 3], speed: [f64; 3], mass: f64) -> Body {
    let speed = [speed[0] * DAYS, speed[1] * DAYS, speed[2] * DAYS];
    Body { place, speed, mass: mass * SOLAR_MASS }
}

#[unsafe(no_mangle)]
extern "C" fn run(n: i32) -> i32 {
    let sun = body([0.0; 3], [0.0; 3], 1.0);
    let mut bodies = [sun, PLANETS[0], PLANETS[1], PLANETS[2], PLANETS[3]];
    for axis in 0..3 {
        // The centre of mass stands still.
        let momentum: f64 = bodies.iter().map(|body| body.speed[axis] * body.mass).sum();
        bodies[0].speed[axis] = -momentum / SOLAR_MASS;
    }
    for _ in 0..n {
        advance(&mut bodies);
    }
    (energy(&bodies) * 1e9) as i32
}

fn advance(bodies: &mut [Body; 5]) {
    for first in 0..5 {
        for second in first + 1..5 {
            let apart = difference(&bodies[first], &bodies[second]);
            let squared = square(apart);
            let magnitude = STEP / (squared * squared.sqrt());
            let (pull, push) = (bodies[second].mass * magnitude, bodies[first].mass * magnitude);
            for (axis, distance) in apart.into_iter().enumerate() {
                bodies[first].speed[axis] -= distance * pull;
                bodies[second].speed[axis] += distance * push;
            }
        }
    }
    for body in bodies {
        for (place, speed) in body.place.iter_mut().zip(body.speed) {
            *place += STEP * speed;
        }
    }
}

fn energy(bodies: &[Body; 5]) -> f64 {
    let mut energy = 0.0;
    for (index, body) in bodies.iter().enumerate() {
        energy += 0.5 * body.mass * square(body.speed);
        for other in &bodies[index + 1..] {
            energy -= body.mass * other.mass / square(difference(body, other)).sqrt();
        }
    }
    energy
}

fn difference(a: &Body, b: &Body) -> [f64; 3] {
    [a.place[0] - b.place[0], a.place[1] - b.place[1], a.place[2] - b.place[2]]
}

fn square(v: [f64; 3]) -> f64 {
    v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
}
