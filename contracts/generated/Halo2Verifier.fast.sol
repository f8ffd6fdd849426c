// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from a circuit and its verifying key; do not edit.
pragma solidity ^0.8.24;

/// @title Verifier of SHPLONK proofs for one constraint-system shape (k = 15, 4 quotient pieces)
contract Halo2Verifier {
    /// @notice First word of every verifying-key contract of this shape.
    bytes32 public constant SHAPE = 0xa2ea751e7adf1fe26d70ba15b4991fec77ab2ae50efd10163880e786490afaf3;

    /// @param vk Data contract of the verifying key; the caller must pin it and its code hash.
    /// @param proof 105 words.
    /// @param instances 26 field elements.
    /// @return True for a valid proof, false for anything else; reverts only for lack of gas.
    function verifyProof(address vk, bytes calldata proof, uint256[] calldata instances) external view returns (bool) {
        assembly {
            function fail() {
                mstore(0, 0)
                return(0, 0x20)
            }
            function rehash(h) -> next {
                mstore(0, h)
                mstore8(0x20, 1)
                next := keccak256(0, 0x21)
            }
            function scalarsBelow(from, to, r) -> ok {
                ok := 1
                for { let i := from } lt(i, to) { i := add(i, 0x20) } { ok := and(ok, lt(mload(i), r)) }
            }
            function pointsOnCurve(from, to) -> ok {
                let q := 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47
                ok := 1
                for { let i := from } lt(i, to) { i := add(i, 0x40) } {
                    let x := mload(i)
                    let y := mload(add(i, 0x20))
                    let onCurve := eq(mulmod(y, y, q), addmod(mulmod(x, mulmod(x, x, q), q), 3, q))
                    ok := and(ok, and(and(lt(x, q), lt(y, q)), onCurve))
                }
            }
            function fraction(from, to, w, x, r) -> num, den {
                den := 1
                for { let i := from } lt(i, to) { i := add(i, 0x20) } {
                    let d := addmod(x, sub(r, w), r)
                    num := addmod(mulmod(num, d, r), mulmod(mulmod(mload(i), w, r), den, r), r)
                    den := mulmod(den, d, r)
                    w := mulmod(w, 0x2b7ddfe4383c8d806530b94d3120ce6fcb511871e4d44a65f0acd0b96a8a942e, r)
                }
            }
            // operand := scalar * operand + point
            function mulAdd(scalar, point) {
                mstore(0x2100, scalar)
                if iszero(staticcall(gas(), 7, 0x20c0, 0x60, 0x20c0, 0x40)) { revert(0, 0) }
                mcopy(0x2100, point, 0x40)
                if iszero(staticcall(gas(), 6, 0x20c0, 0x80, 0x20c0, 0x40)) { revert(0, 0) }
            }
            // sum := sum + scalar * operand
            function mulToSum(scalar) {
                mstore(0x2100, scalar)
                if iszero(staticcall(gas(), 7, 0x20c0, 0x60, 0x20c0, 0x40)) { revert(0, 0) }
                if iszero(staticcall(gas(), 6, 0x2080, 0x80, 0x2080, 0x40)) { revert(0, 0) }
            }
            function transcript(proofAt, instancesAt) {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let h := mload(0xa0)
                calldatacopy(0xae0, instancesAt, 0x340)
                calldatacopy(0xe20, proofAt, 0x200)
                mstore(0xac0, h)
                h := keccak256(0xac0, 0x560)
                mstore(0x940, mod(h, r)) // c0
                h := rehash(h)
                mstore(0x960, mod(h, r)) // c1
                h := rehash(h)
                mstore(0x980, mod(h, r)) // c2
                h := rehash(h)
                mstore(0x9a0, mod(h, r)) // c3
                calldatacopy(0x1040, add(proofAt, 0x200), 0x200)
                mstore(0x1020, h)
                h := keccak256(0x1020, 0x220)
                mstore(0x9c0, mod(h, r)) // theta
                h := rehash(h)
                mstore(0x9e0, mod(h, r)) // beta
                h := rehash(h)
                mstore(0xa00, mod(h, r)) // gamma
                calldatacopy(0x1260, add(proofAt, 0x400), 0xc0)
                mstore(0x1240, h)
                h := keccak256(0x1240, 0xe0)
                mstore(0xa20, mod(h, r)) // y
                calldatacopy(0x1340, add(proofAt, 0x4c0), 0x100)
                mstore(0x1320, h)
                h := keccak256(0x1320, 0x120)
                mstore(0xa40, mod(h, r)) // x
                calldatacopy(0x1460, add(proofAt, 0x5c0), 0x6e0)
                mstore(0x1440, h)
                h := keccak256(0x1440, 0x700)
                mstore(0xa60, mod(h, r)) // zeta
                h := rehash(h)
                mstore(0xa80, mod(h, r)) // nu
                calldatacopy(0x1b60, add(proofAt, 0xca0), 0x40)
                mstore(0x1b40, h)
                h := keccak256(0x1b40, 0x60)
                mstore(0xaa0, mod(h, r)) // mu
                calldatacopy(0x1bc0, add(proofAt, 0xce0), 0x40)
            }
            function checks() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let ok := 1
                ok := scalarsBelow(0xae0, 0xe20, r)
                ok := and(ok, lt(mload(0x1460), r))
                ok := and(ok, lt(mload(0x1480), r))
                ok := and(ok, lt(mload(0x14a0), r))
                ok := and(ok, lt(mload(0x14c0), r))
                ok := and(ok, lt(mload(0x14e0), r))
                ok := and(ok, lt(mload(0x1500), r))
                ok := and(ok, lt(mload(0x1520), r))
                ok := and(ok, lt(mload(0x1540), r))
                ok := and(ok, lt(mload(0x1560), r))
                ok := and(ok, lt(mload(0x1580), r))
                ok := and(ok, lt(mload(0x15a0), r))
                ok := and(ok, lt(mload(0x15c0), r))
                ok := and(ok, lt(mload(0x15e0), r))
                ok := and(ok, lt(mload(0x1600), r))
                ok := and(ok, lt(mload(0x1620), r))
                ok := and(ok, lt(mload(0x1640), r))
                ok := and(ok, lt(mload(0x1660), r))
                ok := and(ok, lt(mload(0x1680), r))
                ok := and(ok, lt(mload(0x16a0), r))
                ok := and(ok, lt(mload(0x16c0), r))
                ok := and(ok, lt(mload(0x16e0), r))
                ok := and(ok, lt(mload(0x1700), r))
                ok := and(ok, lt(mload(0x1720), r))
                ok := and(ok, lt(mload(0x1740), r))
                ok := and(ok, lt(mload(0x1760), r))
                ok := and(ok, lt(mload(0x1780), r))
                ok := and(ok, lt(mload(0x17a0), r))
                ok := and(ok, lt(mload(0x17c0), r))
                ok := and(ok, lt(mload(0x17e0), r))
                ok := and(ok, lt(mload(0x1800), r))
                ok := and(ok, lt(mload(0x1820), r))
                ok := and(ok, lt(mload(0x1840), r))
                ok := and(ok, lt(mload(0x1860), r))
                ok := and(ok, lt(mload(0x1880), r))
                ok := and(ok, lt(mload(0x18a0), r))
                ok := and(ok, lt(mload(0x18c0), r))
                ok := and(ok, lt(mload(0x18e0), r))
                ok := and(ok, lt(mload(0x1900), r))
                ok := and(ok, lt(mload(0x1920), r))
                ok := and(ok, lt(mload(0x1940), r))
                ok := and(ok, lt(mload(0x1960), r))
                ok := and(ok, lt(mload(0x1980), r))
                ok := and(ok, lt(mload(0x19a0), r))
                ok := and(ok, lt(mload(0x19c0), r))
                ok := and(ok, lt(mload(0x19e0), r))
                ok := and(ok, lt(mload(0x1a00), r))
                ok := and(ok, lt(mload(0x1a20), r))
                ok := and(ok, lt(mload(0x1a40), r))
                ok := and(ok, lt(mload(0x1a60), r))
                ok := and(ok, lt(mload(0x1a80), r))
                ok := and(ok, lt(mload(0x1aa0), r))
                ok := and(ok, lt(mload(0x1ac0), r))
                ok := and(ok, lt(mload(0x1ae0), r))
                ok := and(ok, lt(mload(0x1b00), r))
                ok := and(ok, lt(mload(0x1b20), r))
                ok := and(ok, pointsOnCurve(0xe20, 0x1020))
                ok := and(ok, pointsOnCurve(0x1040, 0x1240))
                ok := and(ok, pointsOnCurve(0x1260, 0x1320))
                ok := and(ok, pointsOnCurve(0x1340, 0x1440))
                ok := and(ok, pointsOnCurve(0x1b60, 0x1ba0))
                ok := and(ok, pointsOnCurve(0x1bc0, 0x1c00))
                if iszero(ok) { fail() }
            }
            function domain() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let x := mload(0xa40)
                let mu := mload(0xaa0)
                let xn := x
                for { let i := 0 } lt(i, 15) { i := add(i, 1) } { xn := mulmod(xn, xn, r) }
                mstore(0x1ec0, xn)
                let zh := addmod(xn, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000, r)
                let w := 0x2427343dea588e4242e165ef52d4c1f5986149f372f5c87534f7f6274ef4eeff
                for { let i := 0x1c00 } lt(i, 0x1ce0) { i := add(i, 0x20) } {
                  mstore(i, addmod(x, sub(r, w), r))
                  w := mulmod(w, 0x2b7ddfe4383c8d806530b94d3120ce6fcb511871e4d44a65f0acd0b96a8a942e, r)
                }
                mstore(0x1ce0, zh)
                mstore(0x1d00, x)
                mstore(0x1f80, addmod(mu, sub(r, mulmod(x, 0x2427343dea588e4242e165ef52d4c1f5986149f372f5c87534f7f6274ef4eeff, r)), r)) // rotation -6
                mstore(0x1fa0, addmod(mu, sub(r, x), r)) // rotation 0
                mstore(0x1fc0, addmod(mu, sub(r, mulmod(x, 0x2b7ddfe4383c8d806530b94d3120ce6fcb511871e4d44a65f0acd0b96a8a942e, r)), r)) // rotation 1
                mstore(0x2060, mulmod(mload(0x1fa0), mload(0x1fc0), r))
                mstore(0x1d20, mload(0x1f80))
                {
                  let num, den := fraction(0xae0, 0xe20, 0x1, x, r)
                  mstore(0x1f20, num)
                  mstore(0x1d40, den)
                }
                let product := 1
                for { let i := 0x1c00 } lt(i, 0x1d60) { i := add(i, 0x20) } {
                  mstore(add(i, 0x160), product)
                  product := mulmod(product, mload(i), r)
                }
                if iszero(product) { fail() }
                mstore(0x2160, 0x20)
                mstore(0x2180, 0x20)
                mstore(0x21a0, 0x20)
                mstore(0x21c0, product)
                mstore(0x21e0, sub(r, 2))
                mstore(0x2200, r)
                if iszero(staticcall(gas(), 5, 0x2160, 0xc0, 0, 0x20)) { revert(0, 0) }
                let inverse := mload(0)
                for { let i := 0x1d40 } iszero(lt(i, 0x1c00)) { i := sub(i, 0x20) } {
                  let d := mload(i)
                  mstore(i, mulmod(inverse, mload(add(i, 0x160)), r))
                  inverse := mulmod(inverse, d, r)
                }
                let scale := mulmod(zh, 0x3063edaa444bddc677fcd515f614555a777997e0a9287d1e62bf6dd004d82001, r)
                w := mulmod(scale, 0x2427343dea588e4242e165ef52d4c1f5986149f372f5c87534f7f6274ef4eeff, r)
                let inactive := 0
                for { let i := 0x1c00 } lt(i, 0x1ce0) { i := add(i, 0x20) } {
                  let l := mulmod(w, mload(i), r)
                  mstore(i, l)
                  if lt(i, 0x1cc0) { inactive := addmod(inactive, l, r) }
                  w := mulmod(w, 0x2b7ddfe4383c8d806530b94d3120ce6fcb511871e4d44a65f0acd0b96a8a942e, r)
                }
                mstore(0x1ee0, addmod(1, sub(r, inactive), r))
                mstore(0x1f20, mulmod(scale, mulmod(mload(0x1f20), mload(0x1d40), r), r))
            }
            function quotient() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let y := mload(0xa20)
                let acc
                let t0
                let t1
                let t2
                // terms of challenges and constants alone
                t0 := mulmod(mload(0x940), mload(0x940), r)
                mstore(0x22e0, t0)
                t0 := mulmod(mload(0x22e0), mload(0x940), r)
                mstore(0x2300, t0)
                t0 := mulmod(mload(0x22e0), mload(0x22e0), r)
                mstore(0x2320, t0)
                t0 := mulmod(mload(0x2300), mload(0x2300), r)
                mstore(0x2340, t0)
                t0 := mulmod(mload(0x960), mload(0x960), r)
                mstore(0x2360, t0)
                mstore(0x2380, 0x9226b6e22c6f0ca64ec26aad4c86e715b5f898e5e963f25870e56bbe533e9a2)
                // gate power/first
                t0 := addmod(0x2, sub(r, mload(0x16c0)), r)
                t0 := mulmod(t0, mload(0x16c0), r)
                t1 := addmod(mload(0x1460), sub(r, 0x1), r)
                t0 := mulmod(t0, t1, r)
                acc := t0
                // gate power/step
                t0 := mulmod(mload(0x22e0), mload(0x1460), r)
                t0 := sub(r, t0)
                t0 := addmod(t0, mload(0x1520), r)
                t0 := mulmod(t0, mload(0x16e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate weights/sum
                t0 := mulmod(mload(0x940), mload(0x1720), r)
                t0 := addmod(t0, mload(0x1700), r)
                t1 := mulmod(mload(0x22e0), mload(0x1740), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2300), mload(0x1760), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2320), mload(0x1780), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2320), mload(0x940), r)
                t1 := mulmod(t1, mload(0x17a0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2340), mload(0x17c0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2340), mload(0x940), r)
                t1 := mulmod(t1, mload(0x17e0), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1480), r)
                t1 := mulmod(mload(0x1800), mload(0x14c0), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t0 := addmod(t0, mload(0x1540), r)
                t0 := mulmod(t0, mload(0x16e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate lookup/helper0
                t0 := mulmod(mload(0x2360), mload(0x1840), r)
                mstore(0x2340, t0)
                t0 := mulmod(mload(0x960), mload(0x1580), r)
                t0 := addmod(t0, mload(0x1560), r)
                t0 := addmod(t0, mload(0x2340), r)
                t0 := addmod(t0, mload(0x980), r)
                mstore(0x2320, t0)
                t0 := mulmod(mload(0x960), mload(0x15c0), r)
                t0 := addmod(t0, mload(0x15a0), r)
                t0 := addmod(t0, mload(0x2340), r)
                t0 := addmod(t0, mload(0x980), r)
                mstore(0x2340, t0)
                t0 := addmod(mload(0x1820), 0x2, r)
                t0 := mulmod(t0, mload(0x2360), r)
                mstore(0x2300, t0)
                t0 := addmod(mload(0x15e0), mload(0x2300), r)
                t0 := addmod(t0, mload(0x980), r)
                mstore(0x23a0, t0)
                t0 := mulmod(mload(0x2340), mload(0x23a0), r)
                t1 := mulmod(mload(0x2320), mload(0x23a0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2320), mload(0x2340), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t1 := mulmod(mload(0x1600), mload(0x2320), r)
                t1 := mulmod(t1, mload(0x2340), r)
                t1 := mulmod(t1, mload(0x23a0), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x16e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate lookup/helper1
                t0 := addmod(mload(0x1620), mload(0x2300), r)
                t0 := addmod(t0, mload(0x980), r)
                mstore(0x2300, t0)
                t0 := mulmod(mload(0x960), mload(0x1880), r)
                t0 := addmod(t0, mload(0x1860), r)
                t1 := mulmod(mload(0x2360), mload(0x18a0), r)
                t0 := addmod(t0, t1, r)
                t0 := addmod(t0, mload(0x980), r)
                mstore(0x2360, t0)
                t0 := mulmod(mload(0x1660), mload(0x2300), r)
                t0 := mulmod(t0, mload(0x2360), r)
                t1 := mulmod(sub(r, 0x1), mload(0x1640), r)
                t1 := mulmod(t1, mload(0x2300), r)
                t1 := addmod(t1, mload(0x2360), r)
                t1 := sub(r, t1)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x16e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate sum/step
                t0 := addmod(mload(0x1580), mload(0x15c0), r)
                mstore(0x2360, t0)
                t0 := mulmod(mload(0x1820), mload(0x1560), r)
                t0 := addmod(t0, mload(0x15e0), r)
                t0 := addmod(t0, mload(0x18c0), r)
                t1 := mulmod(mload(0x1820), mload(0x15a0), r)
                t1 := addmod(t1, mload(0x1620), r)
                t1 := addmod(t1, mload(0x18c0), r)
                t1 := addmod(t1, mload(0x18e0), r)
                t1 := mulmod(t1, mload(0x940), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1460), r)
                t1 := mulmod(sub(r, 0x1), mload(0x1920), r)
                t1 := mulmod(t1, mload(0x1460), r)
                t2 := addmod(0x1, mload(0x940), r)
                t1 := mulmod(t1, t2, r)
                t1 := mulmod(t1, mload(0x1500), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1940), mload(0x14e0), r)
                t1 := mulmod(t1, mload(0x14a0), r)
                t2 := mulmod(mload(0x22e0), mload(0x15c0), r)
                t2 := addmod(t2, mload(0x1580), r)
                t1 := mulmod(t1, t2, r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1960), mload(0x2360), r)
                t2 := mulmod(mload(0x1900), mload(0x15c0), r)
                t1 := addmod(t1, t2, r)
                t1 := mulmod(t1, mload(0x1480), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1980), mload(0x1460), r)
                t1 := mulmod(t1, mload(0x1f20), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x960), mload(0x1840), r)
                t1 := mulmod(t1, mload(0x14a0), r)
                t2 := addmod(mload(0x2360), 0x60c89ce5c263405370a08b6d0302b0ba5067d090f372e12287c3eb27e000000, r)
                t1 := mulmod(t1, t2, r)
                t0 := addmod(t0, t1, r)
                t1 := addmod(mload(0x1600), mload(0x1660), r)
                t1 := mulmod(t1, mload(0x9a0), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t1 := addmod(mload(0x1680), sub(r, mload(0x16a0)), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x16e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate sum/edge
                t0 := mulmod(mload(0x16c0), mload(0x16a0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate head/flag-remainder-0
                t0 := mulmod(mload(0x1840), mload(0x1580), r)
                t0 := mulmod(t0, mload(0x15e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate head/flag-remainder-1
                t0 := mulmod(mload(0x1840), mload(0x15c0), r)
                t0 := mulmod(t0, mload(0x1620), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate latent/single
                t0 := mulmod(mload(0x19a0), mload(0x15c0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/first
                t0 := addmod(0x1, sub(r, mload(0x1aa0)), r)
                t0 := mulmod(t0, mload(0x1cc0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/last
                t0 := mulmod(mload(0x1b00), mload(0x1b00), r)
                t0 := addmod(t0, sub(r, mload(0x1b00)), r)
                t0 := mulmod(t0, mload(0x1c00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/link-1
                t0 := addmod(mload(0x1b00), sub(r, mload(0x1ae0)), r)
                t0 := mulmod(t0, mload(0x1cc0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/product-0
                t0 := addmod(mload(0x1460), mload(0xa00), r)
                mstore(0x2360, t0)
                t0 := addmod(mload(0x1480), mload(0xa00), r)
                mstore(0x22e0, t0)
                t0 := addmod(mload(0x14a0), mload(0xa00), r)
                mstore(0x2300, t0)
                t0 := mulmod(mload(0x9e0), mload(0xa40), r)
                mstore(0x23a0, t0)
                t0 := mulmod(mload(0x23a0), mload(0x2380), r)
                mstore(0x2340, t0)
                t0 := mulmod(mload(0x2340), mload(0x2380), r)
                mstore(0x2320, t0)
                t0 := mulmod(mload(0x9e0), mload(0x19e0), r)
                t0 := addmod(t0, mload(0x2360), r)
                t0 := mulmod(t0, mload(0x1ac0), r)
                t1 := mulmod(mload(0x9e0), mload(0x1a00), r)
                t1 := addmod(t1, mload(0x22e0), r)
                t0 := mulmod(t0, t1, r)
                t1 := mulmod(mload(0x9e0), mload(0x1a20), r)
                t1 := addmod(t1, mload(0x2300), r)
                t0 := mulmod(t0, t1, r)
                t1 := addmod(mload(0x2360), mload(0x23a0), r)
                t1 := mulmod(t1, mload(0x1aa0), r)
                t2 := addmod(mload(0x22e0), mload(0x2340), r)
                t1 := mulmod(t1, t2, r)
                t2 := addmod(mload(0x2300), mload(0x2320), r)
                t1 := mulmod(t1, t2, r)
                t1 := sub(r, t1)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1ee0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/product-1
                t0 := addmod(mload(0x14c0), mload(0xa00), r)
                mstore(0x2300, t0)
                t0 := addmod(mload(0x14e0), mload(0xa00), r)
                mstore(0x2340, t0)
                t0 := addmod(mload(0x1500), mload(0xa00), r)
                mstore(0x22e0, t0)
                t0 := mulmod(mload(0x2320), mload(0x2380), r)
                mstore(0x2320, t0)
                t0 := mulmod(mload(0x2320), mload(0x2380), r)
                mstore(0x23a0, t0)
                t0 := mulmod(mload(0x9e0), mload(0x1a40), r)
                t0 := addmod(t0, mload(0x2300), r)
                t0 := mulmod(t0, mload(0x1b20), r)
                t1 := mulmod(mload(0x9e0), mload(0x1a60), r)
                t1 := addmod(t1, mload(0x2340), r)
                t0 := mulmod(t0, t1, r)
                t1 := mulmod(mload(0x9e0), mload(0x1a80), r)
                t1 := addmod(t1, mload(0x22e0), r)
                t0 := mulmod(t0, t1, r)
                t1 := addmod(mload(0x2300), mload(0x2320), r)
                t1 := mulmod(t1, mload(0x1b00), r)
                t2 := addmod(mload(0x2340), mload(0x23a0), r)
                t1 := mulmod(t1, t2, r)
                t2 := mulmod(mload(0x23a0), mload(0x2380), r)
                t2 := addmod(t2, mload(0x22e0), r)
                t1 := mulmod(t1, t2, r)
                t1 := sub(r, t1)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1ee0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                mstore(0x1f00, mulmod(acc, mload(0x1ce0), r))
            }
            function scalars() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let zeta := mload(0xa60)
                let xInverse := mload(0x1d00)
                let t
                let sum
                let total
                let power := 1
                // rotations 0, 1
                t := mload(0x1b00)
                t := addmod(mulmod(t, zeta, r), mload(0x16a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x14c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1460), r)
                t := mulmod(t, mulmod(mload(0x1fc0), mulmod(0x3041713f7997717bba216fab79582410b6573580f2ce30b051aaa9d4f8e19aaf, xInverse, r), r), r)
                sum := t
                t := mload(0x1b20)
                t := addmod(mulmod(t, zeta, r), mload(0x1680), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1540), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1520), r)
                t := mulmod(t, mulmod(mload(0x1fa0), mulmod(0x22dd33679a2eadfe2ed60b0829344c71dcb2c786eb3fe0f2374bbef71e6552, xInverse, r), r), r)
                sum := addmod(sum, t, r)
                total := sum
                // rotations 0
                power := mload(0xa80)
                mstore(0x2000, mulmod(power, mulmod(mulmod(mload(0x1f80), mload(0x1fc0), r), mload(0x1d20), r), r))
                t := mload(0x19c0)
                t := addmod(mulmod(t, zeta, r), mload(0x1f00), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a80), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a60), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a40), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a20), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a00), r)
                t := addmod(mulmod(t, zeta, r), mload(0x19e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x19a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1980), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1960), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1940), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1920), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1900), r)
                t := addmod(mulmod(t, zeta, r), mload(0x18e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x18c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x18a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1880), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1860), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1840), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1820), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1800), r)
                t := addmod(mulmod(t, zeta, r), mload(0x17e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x17c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x17a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1780), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1760), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1740), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1720), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1700), r)
                t := addmod(mulmod(t, zeta, r), mload(0x16e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x16c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1660), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1640), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1620), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1600), r)
                t := addmod(mulmod(t, zeta, r), mload(0x15e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x15c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x15a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1580), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1560), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1500), r)
                t := addmod(mulmod(t, zeta, r), mload(0x14e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x14a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1480), r)
                sum := t
                total := addmod(total, mulmod(sum, mload(0x2000), r), r)
                // rotations -6, 0, 1
                power := mulmod(power, mload(0xa80), r)
                mstore(0x2020, mulmod(power, mulmod(1, mload(0x1d20), r), r))
                t := mload(0x1ae0)
                t := mulmod(t, mulmod(mulmod(mload(0x1fa0), mload(0x1fc0), r), mulmod(0x23f2eede2bbdb0ff90052ffd5d9cfcc906fd030e2372c26c8904ef5d953f9368, mulmod(xInverse, xInverse, r), r), r), r)
                sum := t
                t := mload(0x1aa0)
                t := mulmod(t, mulmod(mulmod(mload(0x1f80), mload(0x1fc0), r), mulmod(0x274fe468d52437c27a163c6538d20d842c6be1727727dc4c5d43e5cf6ff5012f, mulmod(xInverse, xInverse, r), r), r), r)
                sum := addmod(sum, t, r)
                t := mload(0x1ac0)
                t := mulmod(t, mulmod(mulmod(mload(0x1f80), mload(0x1fa0), r), mulmod(0x1585c99ec181579166851f0a6c93a66d1cfeec1058d84269a17b15fadacb6b6b, mulmod(xInverse, xInverse, r), r), r), r)
                sum := addmod(sum, t, r)
                total := addmod(total, mulmod(sum, mload(0x2020), r), r)
                mstore(0x2040, total)
            }
            function curve() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let s := mload(0x1ec0)
                mcopy(0x20c0, 0x1400, 0x40)
                mulAdd(s, 0x13c0) // h2
                mulAdd(s, 0x1380) // h1
                mulAdd(s, 0x1340) // h0
                mcopy(0x1f40, 0x20c0, 0x40)
                s := mload(0xa60)
                // rotations 0, 1
                mcopy(0x20c0, 0x12a0, 0x40) // z1
                mulAdd(s, 0x1200) // a15
                mulAdd(s, 0x1100) // a11
                mulAdd(s, 0x1040) // a8
                mcopy(0x2080, 0x20c0, 0x40)
                // rotations 0
                mcopy(0x20c0, 0x12e0, 0x40) // R
                mulAdd(s, 0x1f40) // H
                mulAdd(s, 0x800) // s5
                mulAdd(s, 0x7c0) // s4
                mulAdd(s, 0x780) // s3
                mulAdd(s, 0x740) // s2
                mulAdd(s, 0x700) // s1
                mulAdd(s, 0x6c0) // s0
                mulAdd(s, 0x480) // f15
                mulAdd(s, 0x380) // f11
                mulAdd(s, 0x3c0) // f12
                mulAdd(s, 0x340) // f10
                mulAdd(s, 0x300) // f9
                mulAdd(s, 0x400) // f13
                mulAdd(s, 0x1c0) // f4
                mulAdd(s, 0x180) // f3
                mulAdd(s, 0x280) // f7
                mulAdd(s, 0x240) // f6
                mulAdd(s, 0x200) // f5
                mulAdd(s, 0x2c0) // f8
                mulAdd(s, 0x140) // f2
                mulAdd(s, 0x440) // f14
                mulAdd(s, 0x680) // f23
                mulAdd(s, 0x640) // f22
                mulAdd(s, 0x600) // f21
                mulAdd(s, 0x5c0) // f20
                mulAdd(s, 0x580) // f19
                mulAdd(s, 0x540) // f18
                mulAdd(s, 0x500) // f17
                mulAdd(s, 0x4c0) // f16
                mulAdd(s, 0xc0) // f0
                mulAdd(s, 0x100) // f1
                mulAdd(s, 0x11c0) // a14
                mulAdd(s, 0xfe0) // a7
                mulAdd(s, 0xee0) // a3
                mulAdd(s, 0x1180) // a13
                mulAdd(s, 0xea0) // a2
                mulAdd(s, 0xf60) // a5
                mulAdd(s, 0xe60) // a1
                mulAdd(s, 0xf20) // a4
                mulAdd(s, 0xe20) // a0
                mulAdd(s, 0xfa0) // a6
                mulAdd(s, 0x1140) // a12
                mulAdd(s, 0x10c0) // a10
                mulAdd(s, 0x1080) // a9
                mulToSum(mload(0x2000))
                // rotations -6, 0, 1
                mcopy(0x20c0, 0x1260, 0x40) // z0
                mulToSum(mload(0x2020))
                mstore(0x20c0, 1)
                mstore(0x20e0, 2)
                mulToSum(sub(r, mload(0x2040)))
                mcopy(0x20c0, 0x1b60, 0x40)
                mulToSum(sub(r, mload(0x2060)))
                mcopy(0x20c0, 0x1bc0, 0x40)
                mulToSum(mload(0xaa0))
            }
            function pairing() {
                mcopy(0x2160, 0x2080, 0x40)
                mcopy(0x21a0, 0x840, 0x80)
                mcopy(0x2220, 0x1bc0, 0x40)
                mcopy(0x2260, 0x8c0, 0x80)
                if iszero(staticcall(gas(), 8, 0x2160, 0x180, 0, 0x20)) { revert(0, 0) }
            }
            if iszero(eq(proof.length, 0xd20)) { fail() }
            if iszero(eq(instances.length, 0x1a)) { fail() }
            if iszero(eq(extcodesize(vk), 0x8c1)) { fail() }
            extcodecopy(vk, 0x80, 1, 0x8c0)
            if iszero(eq(mload(0x80), 0xa2ea751e7adf1fe26d70ba15b4991fec77ab2ae50efd10163880e786490afaf3)) { fail() }
            transcript(proof.offset, instances.offset)
            checks()
            domain()
            quotient()
            scalars()
            curve()
            pairing()
            return(0, 0x20)
        }
    }
}
