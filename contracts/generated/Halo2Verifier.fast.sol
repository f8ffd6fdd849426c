// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from a circuit and its verifying key; do not edit.
pragma solidity ^0.8.24;

/// @title Verifier of SHPLONK proofs for one constraint-system shape (k = 14, 4 quotient pieces)
contract Halo2Verifier {
    /// @notice First word of every verifying-key contract of this shape.
    bytes32 public constant SHAPE = 0x789925438ff2c8e33f8709839e856ca14525a42420739affe5faf7d020a48ebb;

    /// @param vk Data contract of the verifying key; the caller must pin it and its code hash.
    /// @param proof 130 words.
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
                    w := mulmod(w, 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r)
                }
            }
            // operand := scalar * operand + point
            function mulAdd(scalar, point) {
                mstore(0x24c0, scalar)
                if iszero(staticcall(gas(), 7, 0x2480, 0x60, 0x2480, 0x40)) { revert(0, 0) }
                mcopy(0x24c0, point, 0x40)
                if iszero(staticcall(gas(), 6, 0x2480, 0x80, 0x2480, 0x40)) { revert(0, 0) }
            }
            // sum := sum + scalar * operand
            function mulToSum(scalar) {
                mstore(0x24c0, scalar)
                if iszero(staticcall(gas(), 7, 0x2480, 0x60, 0x2480, 0x40)) { revert(0, 0) }
                if iszero(staticcall(gas(), 6, 0x2440, 0x80, 0x2440, 0x40)) { revert(0, 0) }
            }
            function transcript(proofAt, instancesAt) {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let h := mload(0xa0)
                calldatacopy(0xb80, instancesAt, 0x340)
                calldatacopy(0xec0, proofAt, 0x380)
                mstore(0xb60, h)
                h := keccak256(0xb60, 0x6e0)
                mstore(0xa00, mod(h, r)) // c0
                h := rehash(h)
                mstore(0xa20, mod(h, r)) // c1
                h := rehash(h)
                mstore(0xa40, mod(h, r)) // c2
                h := rehash(h)
                mstore(0xa60, mod(h, r)) // c3
                calldatacopy(0x1260, add(proofAt, 0x380), 0x240)
                mstore(0x1240, h)
                h := keccak256(0x1240, 0x260)
                h := rehash(h)
                mstore(0xa80, mod(h, r)) // beta
                h := rehash(h)
                mstore(0xaa0, mod(h, r)) // gamma
                calldatacopy(0x14c0, add(proofAt, 0x5c0), 0xc0)
                mstore(0x14a0, h)
                h := keccak256(0x14a0, 0xe0)
                mstore(0xac0, mod(h, r)) // y
                calldatacopy(0x15a0, add(proofAt, 0x680), 0x100)
                mstore(0x1580, h)
                h := keccak256(0x1580, 0x120)
                mstore(0xae0, mod(h, r)) // x
                calldatacopy(0x16c0, add(proofAt, 0x780), 0x840)
                mstore(0x16a0, h)
                h := keccak256(0x16a0, 0x860)
                mstore(0xb00, mod(h, r)) // zeta
                h := rehash(h)
                mstore(0xb20, mod(h, r)) // nu
                calldatacopy(0x1f20, add(proofAt, 0xfc0), 0x40)
                mstore(0x1f00, h)
                h := keccak256(0x1f00, 0x60)
                mstore(0xb40, mod(h, r)) // mu
                calldatacopy(0x1f80, add(proofAt, 0x1000), 0x40)
            }
            function checks() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let ok := scalarsBelow(0xb80, 0xec0, r)
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
                ok := and(ok, lt(mload(0x1b40), r))
                ok := and(ok, lt(mload(0x1b60), r))
                ok := and(ok, lt(mload(0x1b80), r))
                ok := and(ok, lt(mload(0x1ba0), r))
                ok := and(ok, lt(mload(0x1bc0), r))
                ok := and(ok, lt(mload(0x1be0), r))
                ok := and(ok, lt(mload(0x1c00), r))
                ok := and(ok, lt(mload(0x1c20), r))
                ok := and(ok, lt(mload(0x1c40), r))
                ok := and(ok, lt(mload(0x1c60), r))
                ok := and(ok, lt(mload(0x1c80), r))
                ok := and(ok, lt(mload(0x1ca0), r))
                ok := and(ok, lt(mload(0x1cc0), r))
                ok := and(ok, lt(mload(0x1ce0), r))
                ok := and(ok, lt(mload(0x1d00), r))
                ok := and(ok, lt(mload(0x1d20), r))
                ok := and(ok, lt(mload(0x1d40), r))
                ok := and(ok, lt(mload(0x1d60), r))
                ok := and(ok, lt(mload(0x1d80), r))
                ok := and(ok, lt(mload(0x1da0), r))
                ok := and(ok, lt(mload(0x1dc0), r))
                ok := and(ok, lt(mload(0x1de0), r))
                ok := and(ok, lt(mload(0x1e00), r))
                ok := and(ok, lt(mload(0x1e20), r))
                ok := and(ok, lt(mload(0x1e40), r))
                ok := and(ok, lt(mload(0x1e60), r))
                ok := and(ok, lt(mload(0x1e80), r))
                ok := and(ok, lt(mload(0x1ea0), r))
                ok := and(ok, lt(mload(0x1ec0), r))
                ok := and(ok, lt(mload(0x1ee0), r))
                ok := and(ok, pointsOnCurve(0xec0, 0x1240))
                ok := and(ok, pointsOnCurve(0x1260, 0x14a0))
                ok := and(ok, pointsOnCurve(0x14c0, 0x1580))
                ok := and(ok, pointsOnCurve(0x15a0, 0x16a0))
                ok := and(ok, pointsOnCurve(0x1f20, 0x1f60))
                ok := and(ok, pointsOnCurve(0x1f80, 0x1fc0))
                if iszero(ok) { fail() }
            }
            function domain() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let x := mload(0xae0)
                let mu := mload(0xb40)
                let xn := x
                for { let i := 0 } lt(i, 14) { i := add(i, 1) } { xn := mulmod(xn, xn, r) }
                mstore(0x2280, xn)
                let zh := addmod(xn, 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000, r)
                let w := 0x2c34760cd8ba6180d92ad9da798faeb6fbf85f3f63d3dfca54b3b798e4f5f37e
                for { let i := 0x1fc0 } lt(i, 0x20a0) { i := add(i, 0x20) } {
                  mstore(i, addmod(x, sub(r, w), r))
                  w := mulmod(w, 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r)
                }
                mstore(0x20a0, zh)
                mstore(0x20c0, x)
                mstore(0x2340, addmod(mu, sub(r, mulmod(x, 0x2c34760cd8ba6180d92ad9da798faeb6fbf85f3f63d3dfca54b3b798e4f5f37e, r)), r)) // rotation -6
                mstore(0x2360, addmod(mu, sub(r, x), r)) // rotation 0
                mstore(0x2380, addmod(mu, sub(r, mulmod(x, 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r)), r)) // rotation 1
                mstore(0x2420, mulmod(mload(0x2360), mload(0x2380), r))
                mstore(0x20e0, mload(0x2340))
                {
                  let num, den := fraction(0xb80, 0xec0, 0x1, x, r)
                  mstore(0x22e0, num)
                  mstore(0x2100, den)
                }
                let product := 1
                for { let i := 0x1fc0 } lt(i, 0x2120) { i := add(i, 0x20) } {
                  mstore(add(i, 0x160), product)
                  product := mulmod(product, mload(i), r)
                }
                if iszero(product) { fail() }
                mstore(0x2520, 0x20)
                mstore(0x2540, 0x20)
                mstore(0x2560, 0x20)
                mstore(0x2580, product)
                mstore(0x25a0, sub(r, 2))
                mstore(0x25c0, r)
                if iszero(staticcall(gas(), 5, 0x2520, 0xc0, 0, 0x20)) { revert(0, 0) }
                let inverse := mload(0)
                for { let i := 0x2100 } iszero(lt(i, 0x1fc0)) { i := sub(i, 0x20) } {
                  let d := mload(i)
                  mstore(i, mulmod(inverse, mload(add(i, 0x160)), r))
                  inverse := mulmod(inverse, d, r)
                }
                let scale := mulmod(zh, 0x30638ce1a7661b6337a964756aa75257c6bf4778d89789ab819ce60c19b04001, r)
                w := mulmod(scale, 0x2c34760cd8ba6180d92ad9da798faeb6fbf85f3f63d3dfca54b3b798e4f5f37e, r)
                let inactive := 0
                for { let i := 0x1fc0 } lt(i, 0x20a0) { i := add(i, 0x20) } {
                  let l := mulmod(w, mload(i), r)
                  mstore(i, l)
                  if lt(i, 0x2080) { inactive := addmod(inactive, l, r) }
                  w := mulmod(w, 0x2337acd19f40bf2b2aa212849e9a0c07d626d9ca335d73a09119dbe6eaab3cac, r)
                }
                mstore(0x22a0, addmod(1, sub(r, inactive), r))
                mstore(0x22e0, mulmod(scale, mulmod(mload(0x22e0), mload(0x2100), r), r))
            }
            function quotient() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let y := mload(0xac0)
                let acc
                let t0
                let t1
                let t2
                // terms of challenges and constants alone
                t0 := mulmod(mload(0xa00), mload(0xa00), r)
                mstore(0x26a0, t0)
                t0 := mulmod(mload(0x26a0), mload(0x26a0), r)
                mstore(0x26c0, t0)
                t0 := mulmod(mload(0x26a0), mload(0xa00), r)
                mstore(0x26e0, t0)
                t0 := mulmod(mload(0x26c0), mload(0xa00), r)
                mstore(0x2700, t0)
                t0 := mulmod(mload(0x26e0), mload(0x26e0), r)
                mstore(0x2720, t0)
                t0 := mulmod(mload(0x26c0), mload(0x26c0), r)
                mstore(0x2740, t0)
                t0 := mulmod(mload(0x2700), mload(0x2700), r)
                mstore(0x2760, t0)
                t0 := mulmod(mload(0xa20), mload(0xa20), r)
                mstore(0x2780, t0)
                mstore(0x27a0, 0x9226b6e22c6f0ca64ec26aad4c86e715b5f898e5e963f25870e56bbe533e9a2)
                // gate power/first
                t0 := addmod(0x1, sub(r, mload(0x1a00)), r)
                t0 := mulmod(t0, mload(0x1a20), r)
                t1 := addmod(mload(0x1780), sub(r, 0x1), r)
                t0 := mulmod(t0, t1, r)
                acc := t0
                // gate power/step
                t0 := mulmod(mload(0x26c0), mload(0x16c0), r)
                t0 := sub(r, t0)
                t0 := addmod(t0, mload(0x1780), r)
                t0 := mulmod(t0, mload(0x1a00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate weights/sum
                t0 := mulmod(0x183227397098d014dc2822db40c0ac2e9419f4243cdcb848a1f0fac9f8000001, mload(0x1bc0), r)
                t1 := addmod(mload(0x1bc0), sub(r, 0x1), r)
                t0 := mulmod(t0, t1, r)
                t1 := addmod(mload(0x16e0), sub(r, 0x1), r)
                t0 := mulmod(t0, t1, r)
                t0 := addmod(t0, mload(0x1bc0), r)
                t0 := mulmod(t0, mload(0x1720), r)
                t1 := mulmod(mload(0xa00), mload(0x1a60), r)
                t1 := addmod(t1, mload(0x1a40), r)
                t2 := mulmod(mload(0x26a0), mload(0x1a80), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x26e0), mload(0x1aa0), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x26c0), mload(0x1ac0), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2700), mload(0x1ae0), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2720), mload(0x1b00), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2720), mload(0xa00), r)
                t2 := mulmod(t2, mload(0x1b20), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2740), mload(0x1b40), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2740), mload(0xa00), r)
                t2 := mulmod(t2, mload(0x1b60), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2760), mload(0x1b80), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2760), mload(0xa00), r)
                t2 := mulmod(t2, mload(0x1ba0), r)
                t1 := addmod(t1, t2, r)
                t1 := mulmod(t1, mload(0x16e0), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t0 := addmod(t0, mload(0x17a0), r)
                t0 := mulmod(t0, mload(0x1a00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate lookup/helper0
                t0 := mulmod(mload(0x2780), mload(0x1be0), r)
                mstore(0x2760, t0)
                t0 := mulmod(mload(0xa20), mload(0x17e0), r)
                t0 := addmod(t0, mload(0x17c0), r)
                t0 := addmod(t0, mload(0x2760), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x2700, t0)
                t0 := mulmod(mload(0xa20), mload(0x1820), r)
                t0 := addmod(t0, mload(0x1800), r)
                t0 := addmod(t0, mload(0x2760), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x27c0, t0)
                t0 := mulmod(mload(0xa20), mload(0x1860), r)
                t0 := addmod(t0, mload(0x1840), r)
                t0 := addmod(t0, mload(0x2760), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x27e0, t0)
                t0 := mulmod(mload(0x27c0), mload(0x27e0), r)
                t1 := mulmod(mload(0x2700), mload(0x27e0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2700), mload(0x27c0), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t1 := mulmod(mload(0x1880), mload(0x2700), r)
                t1 := mulmod(t1, mload(0x27c0), r)
                t1 := mulmod(t1, mload(0x27e0), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1a00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate lookup/helper1
                t0 := mulmod(mload(0xa20), mload(0x18c0), r)
                t0 := addmod(t0, mload(0x18a0), r)
                t0 := addmod(t0, mload(0x2760), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x2760, t0)
                t0 := addmod(mload(0x1c00), 0x2, r)
                t0 := mulmod(t0, mload(0x2780), r)
                mstore(0x27e0, t0)
                t0 := addmod(mload(0x18e0), mload(0x27e0), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x27c0, t0)
                t0 := addmod(mload(0x1900), mload(0x27e0), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x2700, t0)
                t0 := mulmod(mload(0x27c0), mload(0x2700), r)
                t1 := mulmod(mload(0x2760), mload(0x2700), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x2760), mload(0x27c0), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t1 := mulmod(mload(0x1920), mload(0x2760), r)
                t1 := mulmod(t1, mload(0x27c0), r)
                t1 := mulmod(t1, mload(0x2700), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1a00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate lookup/helper2
                t0 := addmod(mload(0x1940), mload(0x27e0), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x2700, t0)
                t0 := addmod(mload(0x1960), mload(0x27e0), r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x27e0, t0)
                t0 := mulmod(mload(0xa20), mload(0x1c40), r)
                t0 := addmod(t0, mload(0x1c20), r)
                t1 := mulmod(mload(0x2780), mload(0x1c60), r)
                t0 := addmod(t0, t1, r)
                t0 := addmod(t0, mload(0xa40), r)
                mstore(0x2780, t0)
                t0 := mulmod(mload(0x27e0), mload(0x2780), r)
                t1 := mulmod(mload(0x2700), mload(0x2780), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(sub(r, 0x1), mload(0x1980), r)
                t1 := mulmod(t1, mload(0x2700), r)
                t1 := mulmod(t1, mload(0x27e0), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t1 := mulmod(mload(0x19a0), mload(0x2700), r)
                t1 := mulmod(t1, mload(0x27e0), r)
                t1 := mulmod(t1, mload(0x2780), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1a00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate sum/step
                t0 := mulmod(sub(r, 0x1), mload(0x1760), r)
                mstore(0x2780, t0)
                t0 := addmod(mload(0x17e0), mload(0x1820), r)
                t0 := addmod(t0, mload(0x1860), r)
                t0 := addmod(t0, mload(0x18c0), r)
                mstore(0x27e0, t0)
                t0 := mulmod(mload(0x1c00), mload(0x17c0), r)
                t0 := addmod(t0, mload(0x18e0), r)
                t0 := addmod(t0, mload(0x1c80), r)
                t0 := addmod(t0, mload(0x2780), r)
                t1 := mulmod(mload(0x1c00), mload(0x1800), r)
                t1 := addmod(t1, mload(0x1900), r)
                t1 := addmod(t1, mload(0x1c80), r)
                t1 := addmod(t1, mload(0x2780), r)
                t1 := mulmod(t1, mload(0xa00), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1c00), mload(0x1840), r)
                t1 := addmod(t1, mload(0x1940), r)
                t1 := addmod(t1, mload(0x1c80), r)
                t1 := addmod(t1, mload(0x2780), r)
                t1 := mulmod(t1, mload(0x26a0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1c00), mload(0x18a0), r)
                t1 := addmod(t1, mload(0x1960), r)
                t1 := addmod(t1, mload(0x1c80), r)
                t1 := addmod(t1, mload(0x2780), r)
                t1 := mulmod(t1, mload(0x26e0), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x16c0), r)
                t1 := mulmod(mload(0x1d20), mload(0x16c0), r)
                t1 := mulmod(t1, mload(0x22e0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1ca0), mload(0x1740), r)
                t1 := mulmod(t1, mload(0x17e0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x26a0), mload(0x1820), r)
                t1 := addmod(t1, mload(0x17e0), r)
                t2 := mulmod(mload(0x26c0), mload(0x1860), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2720), mload(0x18c0), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x1cc0), mload(0x1740), r)
                t2 := mulmod(t2, mload(0x1700), r)
                t1 := mulmod(t1, t2, r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x26c0), mload(0x1820), r)
                t1 := addmod(t1, mload(0x17e0), r)
                t2 := mulmod(mload(0x2740), mload(0x1860), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x2720), mload(0x2720), r)
                t2 := mulmod(t2, mload(0x18c0), r)
                t1 := addmod(t1, t2, r)
                t2 := mulmod(mload(0x1ce0), mload(0x1740), r)
                t2 := mulmod(t2, mload(0x1700), r)
                t1 := mulmod(t1, t2, r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(0x2, mload(0x1860), r)
                t1 := addmod(t1, mload(0x1820), r)
                t2 := mulmod(0x3, mload(0x18c0), r)
                t1 := addmod(t1, t2, r)
                t1 := mulmod(t1, mload(0x1d40), r)
                t2 := addmod(mload(0x1820), mload(0x1860), r)
                t2 := addmod(t2, mload(0x18c0), r)
                t2 := mulmod(t2, mload(0x1be0), r)
                t2 := addmod(t2, mload(0x17e0), r)
                t2 := mulmod(t2, mload(0x1d60), r)
                t1 := addmod(t1, t2, r)
                t1 := mulmod(t1, mload(0x1700), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0x1d00), mload(0x16e0), r)
                t1 := mulmod(t1, mload(0x27e0), r)
                t0 := addmod(t0, t1, r)
                t1 := mulmod(mload(0xa20), mload(0x1be0), r)
                t1 := mulmod(t1, mload(0x1740), r)
                t2 := addmod(mload(0x27e0), 0xc19139cb84c680a6e14116da06056174a0cfa121e6e5c2450f87d64fc000000, r)
                t1 := mulmod(t1, t2, r)
                t0 := addmod(t0, t1, r)
                t1 := addmod(mload(0x1880), mload(0x1920), r)
                t1 := addmod(t1, mload(0x19a0), r)
                t1 := mulmod(t1, mload(0xa60), r)
                t0 := addmod(t0, t1, r)
                t0 := sub(r, t0)
                t1 := addmod(mload(0x19c0), sub(r, mload(0x19e0)), r)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x1a00), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate sum/edge
                t0 := addmod(mload(0x1a00), sub(r, mload(0x1a20)), r)
                t0 := mulmod(t0, mload(0x19c0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate head/flag-remainder-0
                t0 := mulmod(mload(0x1be0), mload(0x17e0), r)
                t0 := mulmod(t0, mload(0x18e0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate head/flag-remainder-1
                t0 := mulmod(mload(0x1be0), mload(0x1820), r)
                t0 := mulmod(t0, mload(0x1900), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate head/flag-remainder-2
                t0 := mulmod(mload(0x1be0), mload(0x1860), r)
                t0 := mulmod(t0, mload(0x1940), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate head/flag-remainder-3
                t0 := mulmod(mload(0x1be0), mload(0x18c0), r)
                t0 := mulmod(t0, mload(0x1960), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/first
                t0 := addmod(0x1, sub(r, mload(0x1e60)), r)
                t0 := mulmod(t0, mload(0x2080), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/last
                t0 := mulmod(mload(0x1ec0), mload(0x1ec0), r)
                t0 := addmod(t0, sub(r, mload(0x1ec0)), r)
                t0 := mulmod(t0, mload(0x1fc0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/link-1
                t0 := addmod(mload(0x1ec0), sub(r, mload(0x1ea0)), r)
                t0 := mulmod(t0, mload(0x2080), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/product-0
                t0 := addmod(mload(0x16c0), mload(0xaa0), r)
                mstore(0x27e0, t0)
                t0 := addmod(mload(0x16e0), mload(0xaa0), r)
                mstore(0x2720, t0)
                t0 := addmod(mload(0x1700), mload(0xaa0), r)
                mstore(0x2740, t0)
                t0 := mulmod(mload(0xa80), mload(0xae0), r)
                mstore(0x26c0, t0)
                t0 := mulmod(mload(0x26c0), mload(0x27a0), r)
                mstore(0x26a0, t0)
                t0 := mulmod(mload(0x26a0), mload(0x27a0), r)
                mstore(0x26e0, t0)
                t0 := mulmod(mload(0xa80), mload(0x1da0), r)
                t0 := addmod(t0, mload(0x27e0), r)
                t0 := mulmod(t0, mload(0x1e80), r)
                t1 := mulmod(mload(0xa80), mload(0x1dc0), r)
                t1 := addmod(t1, mload(0x2720), r)
                t0 := mulmod(t0, t1, r)
                t1 := mulmod(mload(0xa80), mload(0x1de0), r)
                t1 := addmod(t1, mload(0x2740), r)
                t0 := mulmod(t0, t1, r)
                t1 := addmod(mload(0x27e0), mload(0x26c0), r)
                t1 := mulmod(t1, mload(0x1e60), r)
                t2 := addmod(mload(0x2720), mload(0x26a0), r)
                t1 := mulmod(t1, t2, r)
                t2 := addmod(mload(0x2740), mload(0x26e0), r)
                t1 := mulmod(t1, t2, r)
                t1 := sub(r, t1)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x22a0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                // gate permutation/product-1
                t0 := addmod(mload(0x1720), mload(0xaa0), r)
                mstore(0x2740, t0)
                t0 := addmod(mload(0x1740), mload(0xaa0), r)
                mstore(0x26a0, t0)
                t0 := addmod(mload(0x1760), mload(0xaa0), r)
                mstore(0x2720, t0)
                t0 := mulmod(mload(0x26e0), mload(0x27a0), r)
                mstore(0x26e0, t0)
                t0 := mulmod(mload(0x26e0), mload(0x27a0), r)
                mstore(0x26c0, t0)
                t0 := mulmod(mload(0xa80), mload(0x1e00), r)
                t0 := addmod(t0, mload(0x2740), r)
                t0 := mulmod(t0, mload(0x1ee0), r)
                t1 := mulmod(mload(0xa80), mload(0x1e20), r)
                t1 := addmod(t1, mload(0x26a0), r)
                t0 := mulmod(t0, t1, r)
                t1 := mulmod(mload(0xa80), mload(0x1e40), r)
                t1 := addmod(t1, mload(0x2720), r)
                t0 := mulmod(t0, t1, r)
                t1 := addmod(mload(0x2740), mload(0x26e0), r)
                t1 := mulmod(t1, mload(0x1ec0), r)
                t2 := addmod(mload(0x26a0), mload(0x26c0), r)
                t1 := mulmod(t1, t2, r)
                t2 := mulmod(mload(0x26c0), mload(0x27a0), r)
                t2 := addmod(t2, mload(0x2720), r)
                t1 := mulmod(t1, t2, r)
                t1 := sub(r, t1)
                t0 := addmod(t0, t1, r)
                t0 := mulmod(t0, mload(0x22a0), r)
                acc := addmod(mulmod(acc, y, r), t0, r)
                mstore(0x22c0, mulmod(acc, mload(0x20a0), r))
            }
            function scalars() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let zeta := mload(0xb00)
                let xInverse := mload(0x20c0)
                let t
                let sum
                let total
                let power
                // rotations 0, 1
                t := mload(0x1a00)
                t := addmod(mulmod(t, zeta, r), mload(0x1ec0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x19e0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1720), r)
                t := addmod(mulmod(t, zeta, r), mload(0x16c0), r)
                t := mulmod(t, mulmod(mload(0x2380), mulmod(0x347aa75f42bb59003e8e643d10aba32eb3c25b05fc6f0fd890c1b931a3dc415, xInverse, r), r), r)
                sum := t
                t := mload(0x1a20)
                t := addmod(mulmod(t, zeta, r), mload(0x1ee0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x19c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x17a0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1780), r)
                t := mulmod(t, mulmod(mload(0x2360), mulmod(0x2d1ca3fced05ea99b4675f72b0769e2a3cf7c29819f27f93bad5da00d5c23bec, xInverse, r), r), r)
                sum := addmod(sum, t, r)
                total := sum
                // rotations 0
                power := mload(0xb20)
                mstore(0x23c0, mulmod(power, mulmod(mulmod(mload(0x2340), mload(0x2380), r), mload(0x20e0), r), r))
                t := mload(0x1d80)
                t := addmod(mulmod(t, zeta, r), mload(0x22c0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1e40), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1e20), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1e00), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1de0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1dc0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1da0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1d60), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1d40), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1d20), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1d00), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1ce0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1cc0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1ca0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1c80), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1c60), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1c40), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1c20), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1c00), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1be0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1bc0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1ba0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1b80), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1b60), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1b40), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1b20), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1b00), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1ae0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1ac0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1aa0), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a80), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a60), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1a40), r)
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
                t := addmod(mulmod(t, zeta, r), mload(0x1760), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1740), r)
                t := addmod(mulmod(t, zeta, r), mload(0x1700), r)
                t := addmod(mulmod(t, zeta, r), mload(0x16e0), r)
                sum := t
                total := addmod(total, mulmod(sum, mload(0x23c0), r), r)
                // rotations -6, 0, 1
                power := mulmod(power, mload(0xb20), r)
                mstore(0x23e0, mulmod(power, mulmod(1, mload(0x20e0), r), r))
                t := mload(0x1ea0)
                t := mulmod(t, mulmod(mulmod(mload(0x2360), mload(0x2380), r), mulmod(0x29ab8a9fb58bd580af8680170eccea0d5658380b0dca7b3a8be933d5fee2e789, mulmod(xInverse, xInverse, r), r), r), r)
                sum := t
                t := mload(0x1e60)
                t := mulmod(t, mulmod(mulmod(mload(0x2340), mload(0x2380), r), mulmod(0x32d20d88ba6ff5e995f9f209097d427099840bf62e482c1147fad0a14d1442c, mulmod(xInverse, xInverse, r), r), r), r)
                sum := addmod(sum, t, r)
                t := mload(0x1e80)
                t := mulmod(t, mulmod(mulmod(mload(0x2340), mload(0x2360), r), mulmod(0x38ba2fa9ffecb4a6f6a267ee21c9a28c8436f7e090a7295a37914b3dc4bd44c, mulmod(xInverse, xInverse, r), r), r), r)
                sum := addmod(sum, t, r)
                total := addmod(total, mulmod(sum, mload(0x23e0), r), r)
                mstore(0x2400, total)
            }
            function curve() {
                let r := 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001
                let s := mload(0x2280)
                mcopy(0x2480, 0x1660, 0x40)
                mulAdd(s, 0x1620) // h2
                mulAdd(s, 0x15e0) // h1
                mulAdd(s, 0x15a0) // h0
                mcopy(0x2300, 0x2480, 0x40)
                s := mload(0xb00)
                // rotations 0, 1
                mcopy(0x2480, 0xc0, 0x40) // f0
                mulAdd(s, 0x1500) // z1
                mulAdd(s, 0x1460) // a22
                mulAdd(s, 0x1320) // a17
                mulAdd(s, 0x1260) // a14
                mcopy(0x2440, 0x2480, 0x40)
                // rotations 0
                mcopy(0x2480, 0x1540, 0x40) // R
                mulAdd(s, 0x2300) // H
                mulAdd(s, 0x8c0) // s5
                mulAdd(s, 0x880) // s4
                mulAdd(s, 0x840) // s3
                mulAdd(s, 0x800) // s2
                mulAdd(s, 0x7c0) // s1
                mulAdd(s, 0x780) // s0
                mulAdd(s, 0x380) // f11
                mulAdd(s, 0x3c0) // f12
                mulAdd(s, 0x280) // f7
                mulAdd(s, 0x400) // f13
                mulAdd(s, 0x340) // f10
                mulAdd(s, 0x300) // f9
                mulAdd(s, 0x2c0) // f8
                mulAdd(s, 0x140) // f2
                mulAdd(s, 0x200) // f5
                mulAdd(s, 0x1c0) // f4
                mulAdd(s, 0x180) // f3
                mulAdd(s, 0x100) // f1
                mulAdd(s, 0x240) // f6
                mulAdd(s, 0x440) // f14
                mulAdd(s, 0x740) // f26
                mulAdd(s, 0x700) // f25
                mulAdd(s, 0x6c0) // f24
                mulAdd(s, 0x680) // f23
                mulAdd(s, 0x640) // f22
                mulAdd(s, 0x600) // f21
                mulAdd(s, 0x5c0) // f20
                mulAdd(s, 0x580) // f19
                mulAdd(s, 0x540) // f18
                mulAdd(s, 0x500) // f17
                mulAdd(s, 0x4c0) // f16
                mulAdd(s, 0x480) // f15
                mulAdd(s, 0x1420) // a21
                mulAdd(s, 0x1200) // a13
                mulAdd(s, 0x1080) // a7
                mulAdd(s, 0x1040) // a6
                mulAdd(s, 0x13e0) // a20
                mulAdd(s, 0x1000) // a5
                mulAdd(s, 0xfc0) // a4
                mulAdd(s, 0x1180) // a11
                mulAdd(s, 0xf80) // a3
                mulAdd(s, 0x13a0) // a19
                mulAdd(s, 0x1140) // a10
                mulAdd(s, 0xf40) // a2
                mulAdd(s, 0x1100) // a9
                mulAdd(s, 0xf00) // a1
                mulAdd(s, 0x10c0) // a8
                mulAdd(s, 0xec0) // a0
                mulAdd(s, 0x11c0) // a12
                mulAdd(s, 0x1360) // a18
                mulAdd(s, 0x12e0) // a16
                mulAdd(s, 0x12a0) // a15
                mulToSum(mload(0x23c0))
                // rotations -6, 0, 1
                mcopy(0x2480, 0x14c0, 0x40) // z0
                mulToSum(mload(0x23e0))
                mstore(0x2480, 1)
                mstore(0x24a0, 2)
                mulToSum(sub(r, mload(0x2400)))
                mcopy(0x2480, 0x1f20, 0x40)
                mulToSum(sub(r, mload(0x2420)))
                mcopy(0x2480, 0x1f80, 0x40)
                mulToSum(mload(0xb40))
            }
            function pairing() {
                mcopy(0x2520, 0x2440, 0x40)
                mcopy(0x2560, 0x900, 0x80)
                mcopy(0x25e0, 0x1f80, 0x40)
                mcopy(0x2620, 0x980, 0x80)
                if iszero(staticcall(gas(), 8, 0x2520, 0x180, 0, 0x20)) { revert(0, 0) }
            }
            if iszero(eq(proof.length, 0x1040)) { fail() }
            if iszero(eq(instances.length, 0x1a)) { fail() }
            if iszero(eq(extcodesize(vk), 0x981)) { fail() }
            extcodecopy(vk, 0x80, 1, 0x980)
            if iszero(eq(mload(0x80), 0x789925438ff2c8e33f8709839e856ca14525a42420739affe5faf7d020a48ebb)) { fail() }
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
